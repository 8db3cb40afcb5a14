using System.Text;
using Detector.Adapters.Ledgers;
using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Tests.Adapters.Sqlite;
using Detector.Tests.Delivery;
using static Detector.Tests.Delivery.Offers;

namespace Detector.Tests.Adapters.Ledgers;

public sealed class SqliteLedgerTests : LedgerContract, IProgress<Notice>
{
    private readonly Scratch _scratch = new();
    private readonly List<Notice> _notices = [];

    private string File => _scratch.File("ledger.db");

    private SqliteLedger Sqlite => (SqliteLedger)Ledger;

    void IProgress<Notice>.Report(Notice value) => _notices.Add(value);

    private protected override bool RemembersSeen => true;

    private protected override ILedger Open() => Open(File);

    private protected override Task PruneAsync() => Sqlite.PruneAsync();

    private SqliteLedger Open(string file, TimeSpan? retention = null) => SqliteLedger.Open(file, "instance-1", Time, this, retention);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public void IsDurable_Always_True() => Assert.True(Ledger.IsDurable);

    [Fact]
    public async Task Accept_LockedByAnotherProgram_WaitsUntilItIsFreeAndSaysSo()
    {
        var accepted = await WhileLockedAsync(() => Ledger.AcceptAsync([Offer("a")], Cancel).AsTask());

        Assert.Equal([Key("a", "slack")], accepted);
        Assert.Contains("another program keeps it locked", _notices[0].Message, StringComparison.Ordinal);
        Assert.Contains("works again", _notices[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Digest_LockedByAnotherProgram_IsGatheredAndSettledWhenItIsFree()
    {
        DispatchKey[] members = [Key("a", "slack"), Key("b", "slack")];
        await Accept(Offer("a"), Offer("b"));

        await WhileLockedAsync(() => Done(Ledger.GatherAsync(new AlertId("digest"), members, Time.GetUtcNow(), Cancel)));
        var gathered = await Claim("slack");
        await WhileLockedAsync(() => Done(Ledger.SettleAllAsync(members, new Settlement(SinkOutcome.Delivered), Cancel)));

        Assert.Equal([new AlertId("digest"), new AlertId("digest")], gathered.Select(dispatch => dispatch.Digest!.Value));
        Assert.Equal(0, (await Ledger.StateAsync("slack", Cancel)).Pending);

        static async Task<bool> Done(ValueTask task)
        {
            await task;
            return true;
        }
    }

    /// <summary>Begins to write while another program keeps the file locked, and ends when that has let go of it.</summary>
    private async Task<T> WhileLockedAsync<T>(Func<Task<T>> write)
    {
        using var other = Scratch.Look(File);
        var before = _notices.Count;
        Task<T> writing;
        using (other.BeginTransaction())
        {
            writing = write();
            await Doubles.UntilAsync(() => _notices.Count > before);
            Assert.False(writing.IsCompleted);
        }
        await Doubles.UntilAsync(() =>
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            return writing.IsCompleted;
        });
        return await writing;
    }

    [Fact]
    public async Task Claim_DueFurtherAheadThanAnybodyAsks_IsDueNow()
    {
        // As it is found when the clock has been set back.
        await Accept(Offer("a"));
        await Claim("slack");
        await Ledger.SettleAsync(Key("a", "slack"), new Settlement(SinkOutcome.Retry, "later", Time.GetUtcNow() + TimeSpan.FromHours(1)), Cancel);

        Assert.Single(await Claim("slack"));
    }

    [Fact]
    public async Task Claim_ClockSetBackBeforeTheFirstTry_IsDueNow()
    {
        await Accept(Offer("a"));

        Time.AdjustTime(Time.GetUtcNow() - TimeSpan.FromMinutes(40));

        Assert.Single(await Claim("slack"));
    }

    [Fact]
    public async Task Open_AfterACrash_HoldsAllThatWasAccepted()
    {
        await Accept(Offer("a", "slack sns"), Offer("a", raisedBy: "two"));
        await Claim("sns");
        await Settle("a", SinkOutcome.Delivered, sink: "sns");
        await Ledger.JournalAsync([Hit("r", "a", Noon)], Cancel);

        await using var survivor = Open(_scratch.CopyOf(File));

        Assert.Equal([Key("a", "slack")], await survivor.AcceptAsync([Offer("a", "slack sns"), Offer("b", "")], Cancel));
        Assert.Single(await survivor.ReadJournalAsync(Cancel).ToListAsync(Cancel));
        Assert.Equal(1, (await survivor.StateAsync(null, Cancel)).Pending);
    }

    [Fact]
    public async Task Open_AfterACrashWithLeases_MakesThemDueAtOnceInTheirOldOrder()
    {
        await Accept(Offer("a"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Accept(Offer("b"));
        await Claim(max: 1);

        await using var survivor = Open(_scratch.CopyOf(File));
        var claimed = await survivor.ClaimAsync("slack", 10, Lease, Cancel);

        Assert.Equal([(IdOf("a"), 2), (IdOf("b"), 1)], claimed.Select(dispatch => (dispatch.Alert.Id, dispatch.Attempt)));
    }

    [Fact]
    public async Task Open_CopiesTakenWhileCallersWrite_HoldAllThatWasAcknowledgedBefore()
    {
        var accepted = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(() => WriteAsync(caller), Cancel)));

        for (var crash = 0; crash < 5; crash++)
        {
            while (accepted.Count < (crash + 1) * 100)
                await Task.Yield();
            var before = accepted.ToArray();
            // Of a write in flight the copy may hold a part: that is what a crash leaves, and opening must cope with it.
            await using var survivor = Open(_scratch.CopyOf(File));
            var open = await survivor.AcceptAsync([.. before.Select(name => Offer(name, ""))], Cancel);
            Assert.Equal(before.Length, open.Count);
        }
        await enough.CancelAsync();
        await writing;

        async Task WriteAsync(int caller)
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await Ledger.AcceptAsync([Offer($"{caller}/{i}")], Cancel);
                accepted.Enqueue($"{caller}/{i}");
            }
        }
    }

    [Fact]
    public async Task Accept_OneEntryImpossible_KeepsNoneOfTheCallAndAllOfTheNeighbours()
    {
        // A sink without a name breaks NOT NULL in the middle of the call.
        var impossible = Offer("bad") with
        {
            Sinks = ["slack", null!],
        };

        var calls = Enumerable
            .Range(0, 50)
            .Select(i => i == 25 ? Ledger.AcceptAsync([Offer("good part"), impossible], Cancel).AsTask() : Accept(Offer($"{i}")));
        var results = await Task.WhenAll(calls.Select(async call => await Record.ExceptionAsync(() => call)));

        Assert.Single(results, error => error is not null);
        Assert.Equal(49, (await State()).Pending);
        Assert.Empty(await Ledger.AcceptAsync([Offer("good part", "")], Cancel));
    }

    [Fact]
    public async Task Claim_BodyUnreadable_PostponesItAndGivesTheOthers()
    {
        await Accept(Offer("a"), Offer("b"));
        Scratch.Ask(File, $"UPDATE alerts SET body = x'7b' WHERE id = '{IdOf("a")}'");

        var claimed = await Claim();

        Assert.Equal([IdOf("b")], claimed.Select(dispatch => dispatch.Alert.Id));
        Assert.Equal(NoticeSeverity.Error, Assert.Single(_notices).Severity);
        await Settle("b", SinkOutcome.Delivered);
        Assert.Equal(new OutboxState(1, Noon.AddMinutes(30)), await State());
    }

    [Fact]
    public async Task Reject_SameContentAtTheSamePlace_IsKeptOnceAndCounted()
    {
        var record = new Rejected("queue/1", 4, 17, "no object", Encoding.UTF8.GetBytes("[1]"));
        await Ledger.RejectAsync([record], Cancel);
        Time.Advance(TimeSpan.FromMinutes(3));

        await Ledger.RejectAsync([record, record with { Index = 5 }, record with { Content = "[2]"u8.ToArray() }, record with { Origin = "queue/2" }], Cancel);

        Assert.Equal(4L, Scratch.Ask(File, "SELECT count(*) FROM rejected"));
        Assert.Equal(
            $"queue/1 4 17 no object [1] 2 {Noon.UtcTicks} {Noon.AddMinutes(3).UtcTicks}",
            Scratch.Ask(
                File,
                "SELECT concat_ws(' ', origin, place, offset, reason, CAST(content AS TEXT), times, first_seen, last_seen) FROM rejected WHERE times = 2"
            )
        );
    }

    [Fact]
    public async Task Reject_HugeContent_IsCut()
    {
        await Ledger.RejectAsync([new Rejected("queue/1", 0, 0, "too large", new byte[Rejected.MaxContent + 1])], Cancel);

        Assert.Equal((long)Rejected.MaxContent, Scratch.Ask(File, "SELECT length(content) FROM rejected"));
    }

    [Fact]
    public async Task Prune_PastRetention_ForgetsWhatIsSettledAndKeepsWhatIsPending()
    {
        await Accept([.. Enumerable.Range(0, 1_100).Select(i => Offer($"{i}", "")), Offer("pending")]);
        await Accept([.. Enumerable.Range(0, 1_100).Select(i => Offer("0", "", raisedBy: $"again {i}"))]);
        await Accept(Offer("told"));
        await Settle("told", SinkOutcome.Delivered);
        await Ledger.RejectAsync([new Rejected("queue/1", 0, 0, "bad", "x"u8.ToArray())], Cancel);
        Time.Advance(SqliteLedger.DefaultRetention);
        await Sqlite.PruneAsync();
        var atRetention = Scratch.Ask(File, "SELECT count(*) FROM alerts");
        await Accept(Offer("young", ""));
        Time.Advance(TimeSpan.FromTicks(1));

        await Sqlite.PruneAsync();

        Assert.Equal(1_102L, atRetention);
        Assert.Equal(2L, Scratch.Ask(File, "SELECT count(*) FROM alerts"));
        Assert.Equal(1L, Scratch.Ask(File, "SELECT count(*) FROM deliveries"));
        Assert.Equal(0L, Scratch.Ask(File, "SELECT (SELECT count(*) FROM repeats) + (SELECT count(*) FROM rejected)"));
        Assert.Equal(IdOf("pending"), Assert.Single(await Claim()).Alert.Id);
    }

    [Fact]
    public async Task Prune_NotesNotWrittenForAsLong_AreForgotten()
    {
        await Ledger.NoteAsync("slack", [.. Enumerable.Range(0, 600).Select(i => new SinkNote($"{i}", null, "1"))], Cancel);
        Time.Advance(SqliteLedger.DefaultRetention);
        await Ledger.NoteAsync("slack", [new SinkNote("7", "1", "2")], Cancel);
        Time.Advance(TimeSpan.FromTicks(1));

        await Sqlite.PruneAsync();

        Assert.Equal("2", await Ledger.RecallAsync("slack", "7", Cancel));
        Assert.Equal(1L, Scratch.Ask(File, "SELECT count(*) FROM notes"));
    }

    [Fact]
    public async Task Prune_TooMuchRejectedContent_ForgetsTheOldest()
    {
        for (var i = 0; i < 4; i++)
        {
            await Ledger.RejectAsync([new Rejected("queue/1", i, 0, "bad", new byte[3_000])], Cancel);
            Time.Advance(TimeSpan.FromSeconds(1));
        }
        await Ledger.DisposeAsync();

        await using var store = SqliteStore.Open(File, LedgerSchema.Value);
        await store.WriteAsync(session => Rejections.Prune(session, Noon.AddYears(-1), 100, maxTotal: 10_000), Cancel);

        Assert.Equal("3,2", Scratch.Ask(File, "SELECT group_concat(place) FROM (SELECT place FROM rejected ORDER BY place DESC)"));
    }

    [Fact]
    public void Open_RetentionBelowThatOfTheQueue_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Open(_scratch.File("short"), TimeSpan.FromDays(13)));

    [Fact]
    public async Task Seen_AfterACrash_IsStillKnown()
    {
        await Ledger.Seen!.AddAsync([new(400_000, 7)], Cancel);
        var began = await Ledger.Seen.BeganAsync(Cancel);
        Time.Advance(TimeSpan.FromHours(1));

        await using var survivor = Open(_scratch.CopyOf(File));

        Assert.Equal([7UL], await survivor.Seen!.ReadAsync(default, Cancel).SelectMany(part => part.Identities).ToListAsync(Cancel));
        Assert.Equal(began, await survivor.Seen.BeganAsync(Cancel));
    }

    [Fact]
    public async Task Seen_SwitchedOffForAWhile_BeginsAnew()
    {
        await Ledger.Seen!.AddAsync([new(400_000, 7)], Cancel);
        var file = _scratch.CopyOf(File);
        await using (var off = SqliteLedger.Open(file, "instance-1", Time, this, seen: TimeSpan.Zero))
            Assert.Null(off.Seen);
        Time.Advance(TimeSpan.FromHours(1));

        await using var again = Open(file);

        Assert.Empty(await again.Seen!.ReadAsync(default, Cancel).ToListAsync(Cancel));
        Assert.Equal(Time.GetUtcNow(), await again.Seen.BeganAsync(Cancel));
    }
}

using Detector.Adapters.Ledgers.Redis;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Integration.Tests.Aws;
using static Detector.Tests.Delivery.Offers;

namespace Detector.Integration.Tests.Ledgers;

/// <summary>Instances that take turns, by a real Redis.</summary>
public sealed class RedisTurnsTests(SharedRedis shared) : IAsyncLifetime
{
    private readonly string _prefix = shared.NewPrefix();
    private readonly TimeSpan _lease = TimeSpan.FromMinutes(5);
    private RedisLedger _ledger = null!;
    private ITurns _ann = null!;
    private ITurns _bob = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new RedisLedgerOptions
        {
            Connection = (await shared.ServerAsync()).Connection,
            Prefix = _prefix,
            Lease = _lease,
        };
        _ledger = await RedisLedger.OpenAsync(options, "test", TimeProvider.System, new Random(1), new Progress<Notice>());
        _ann = _ledger.TurnsOf("ann");
        _bob = _ledger.TurnsOf("bob");
    }

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    [Fact]
    public async Task Beat_Two_OnlyTheFirstHasTheTurnAndKeepsIt()
    {
        var turn = await Beat(_ann);

        Assert.NotNull(turn);
        Assert.Null(await Beat(_bob));
        Assert.Same(turn, await Beat(_ann));
    }

    [Fact]
    public async Task Leave_WithTheTurn_FreesItAndEndsTheInstance()
    {
        await Beat(_ann);
        await Beat(_bob);

        await _ann.LeaveAsync(Cancel);

        var turn = (await Beat(_bob))!;
        Assert.Equal(["bob"], (await turn.ReadAsync(0, Cancel)).Beats.Select(beat => beat.Instance));
    }

    [Fact]
    public async Task AnyWrite_ByATurnThatAnotherHas_IsRefusedAndChangesNothing()
    {
        var lost = (await Beat(_ann))!;
        await lost.Ledger.JournalAsync([Hit("kept")], Cancel);
        await RunOutAsync();
        var turn = (await Beat(_bob))!;
        ILedger ledger = lost.Ledger;

        await Assert.ThrowsAsync<TurnLostException>(async () => await ledger.AcceptAsync([Offer("a")], Cancel));
        await Assert.ThrowsAsync<TurnLostException>(async () => await ledger.JournalAsync([Hit("late")], Cancel));
        await Assert.ThrowsAsync<TurnLostException>(async () => await ledger.ForgetAsync([Hit("kept").Key], Cancel));
        await Assert.ThrowsAsync<TurnLostException>(async () => await ledger.RememberAsync([new LearnedFact("user 1 a", "created", "", Noon)], [], Cancel));
        await Assert.ThrowsAsync<TurnLostException>(async () => await lost.ReadAsync(0, Cancel));
        await Assert.ThrowsAsync<TurnLostException>(async () => await lost.BuryAsync("bob", Cancel));
        await Assert.ThrowsAsync<TurnLostException>(async () => await lost.EndAsync(Cancel));

        Assert.Equal(0, (await _ledger.StateAsync(null, Cancel)).Pending);
        Assert.Equal([Hit("kept").Key], (await turn.ReadAsync(0, Cancel)).Hits.Select(hit => hit.Key));
        Assert.Empty(await _ledger.ReadHistoryAsync(Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Beat_AfterItsTurnRanOut_IsAnotherTurn()
    {
        var lost = (await Beat(_ann))!;
        await RunOutAsync();

        var turn = await Beat(_ann);

        Assert.NotNull(turn);
        Assert.NotSame(lost, turn);
        await Assert.ThrowsAsync<TurnLostException>(async () => await lost.ReadAsync(0, Cancel));
    }

    [Fact]
    public async Task Beat_WithinAShortLease_AnotherTakesOverByItself()
    {
        var options = new RedisLedgerOptions
        {
            Connection = (await shared.ServerAsync()).Connection,
            Prefix = shared.NewPrefix(),
            Lease = TimeSpan.FromMilliseconds(50),
        };
        await using var ledger = await RedisLedger.OpenAsync(options, "test", TimeProvider.System, new Random(1), new Progress<Notice>());
        await ledger.TurnsOf("ann").BeatAsync(Noon, Cancel);
        var bob = ledger.TurnsOf("bob");

        await Eventually.TrueAsync(async () => await bob.BeatAsync(Noon, Cancel) is not null, "the turn has run out and bob has it");
    }

    [Fact]
    public async Task Read_BehindAPlace_GivesWhatCameSinceInItsOrderOfComing()
    {
        var turn = (await Beat(_ann))!;
        await _ledger.JournalAsync([Hit("b"), Hit("a")], Cancel);
        var first = await turn.ReadAsync(0, Cancel);
        await _ledger.ForgetAsync([Hit("b").Key], Cancel);
        await _ledger.JournalAsync([Hit("a"), Hit("b"), Hit("c")], Cancel);

        var second = await turn.ReadAsync(first.Last, Cancel);
        var third = await turn.ReadAsync(second.Last, Cancel);

        Assert.Equal([Hit("b").Key, Hit("a").Key], first.Hits.Select(hit => hit.Key));
        Assert.Equal([Hit("c").Key], second.Hits.Select(hit => hit.Key));
        Assert.Empty(third.Hits);
        Assert.Equal(second.Last, third.Last);
        Assert.Equal([Hit("a").Key, Hit("c").Key], (await turn.ReadAsync(0, Cancel)).Hits.Select(hit => hit.Key));
    }

    [Fact]
    public async Task Read_MoreThanAPage_SaysThatMoreFollows()
    {
        var turn = (await Beat(_ann))!;
        var large = new byte[1_000_000];
        await _ledger.JournalAsync([.. Enumerable.Range(0, 7).Select(i => Hit($"{i}") with { Record = large })], Cancel);

        var read = new List<string>();
        long last = 0;
        JournalPage page;
        do
        {
            page = await turn.ReadAsync(last, Cancel);
            last = page.Last;
            Assert.InRange(page.Hits.Count, 1, 3);
            read.AddRange(page.Hits.Select(hit => hit.Key.Event.Value));
        } while (page.More);

        Assert.Equal(Enumerable.Range(0, 7).Select(i => Event($"{i}").Value), read);
    }

    [Fact]
    public async Task Read_Beats_TellTheLastOfEachUntilItIsBuried()
    {
        var turn = (await _ann.BeatAsync(DateTimeOffset.MinValue, Cancel))!;
        await _bob.BeatAsync(Noon, Cancel);
        await _bob.BeatAsync(Noon.AddSeconds(1), Cancel);

        var beats = (await turn.ReadAsync(0, Cancel)).Beats.OrderBy(beat => beat.Instance).ToList();
        await turn.BuryAsync("bob", Cancel);

        Assert.Equal([new Beat("ann", 1, DateTimeOffset.MinValue), new Beat("bob", 2, Noon.AddSeconds(1))], beats);
        Assert.Equal(["ann"], (await turn.ReadAsync(0, Cancel)).Beats.Select(beat => beat.Instance));
    }

    private static ValueTask<ITurn?> Beat(ITurns instance) => instance.BeatAsync(Noon, Cancel);

    /// <summary>As Redis does when the lease is over.</summary>
    private async Task RunOutAsync() => await (await shared.ServerAsync()).AskAsync("DEL", $"{{{_prefix}}}:turn");

    private static JournaledHit Hit(string name) => new(new HitKey("c", "r", Event(name)), Noon, "{}"u8.ToArray(), "queue/1", 0);
}

using Detector.Adapters.Ledgers;
using Detector.Adapters.Ledgers.Redis;
using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Tests.Delivery;
using StackExchange.Redis;
using static Detector.Tests.Delivery.Offers;

namespace Detector.Integration.Tests.Ledgers;

/// <summary>What every ledger promises, by a real Redis; and what only this one does.</summary>
public sealed class RedisLedgerTests(SharedRedis shared) : LedgerContract, IProgress<Notice>
{
    private readonly List<Notice> _notices = [];
    private readonly string _prefix = shared.NewPrefix();

    void IProgress<Notice>.Report(Notice value) => _notices.Add(value);

    private protected override ILedger Open() => OpenAsync(shared.ServerAsync().GetAwaiter().GetResult().Connection).GetAwaiter().GetResult();

    private protected override bool RemembersSeen => true;

    private Task<RedisLedger> OpenAsync(string connection, int replicas = 0, TimeSpan? seen = null, long seenBytes = 100_000) =>
        RedisLedger.OpenAsync(
            new RedisLedgerOptions
            {
                Connection = connection,
                Prefix = _prefix,
                Replicas = replicas,
                RejectedBytes = 10_000,
                Seen = seen ?? SqliteLedger.DefaultSeen,
                SeenBytes = seenBytes,
            },
            "test",
            Time,
            new Random(1),
            this
        );

    private async Task<T> Ask<T>(Func<IDatabase, Task<T>> ask) => await (await shared.ServerAsync()).AskAsync(ask);

    private async Task<TimeSpan?> EndOf(string key) => await Ask(redis => redis.KeyTimeToLiveAsync($"{{{_prefix}}}:{key}"));

    [Fact]
    public void IsDurable_Always_True() => Assert.True(Ledger.IsDurable);

    [Fact]
    public async Task Accept_UntilSettled_TheAlertDoesNotEndByItself()
    {
        await Accept(Offer("a", "slack sns"), Offer("none", ""));
        await Claim("slack");
        await Settle("a", SinkOutcome.Delivered);
        var pending = await EndOf($"alert:{IdOf("a")}");

        await Settle("a", SinkOutcome.Refused, sink: "sns");

        Assert.Null(pending);
        Assert.InRange((await EndOf($"alert:{IdOf("a")}"))!.Value.TotalDays, 29, 30);
        Assert.InRange((await EndOf($"alert:{IdOf("none")}"))!.Value.TotalDays, 29, 30);
    }

    [Fact]
    public async Task Accept_AfterAlertsHaveEnded_TheyLeaveTheRegister()
    {
        await Accept(Offer("a", ""), Offer("b"));
        await Ask(redis => redis.KeyDeleteAsync($"{{{_prefix}}}:alert:{IdOf("a")}"));

        await Accept(Offer("c"));

        var listed = await Ask(redis => redis.SortedSetRangeByRankAsync($"{{{_prefix}}}:alerts"));
        Assert.Equal([IdOf("b").Value, IdOf("c").Value], listed.Select(id => id.ToString()));
        Assert.Equal([IdOf("c"), IdOf("b")], (await Read()).Select(alert => alert.Alert.Id));
    }

    [Fact]
    public async Task Desk_WhileALedgerIsOpen_ReadsItAndHasAlertsSentAgain()
    {
        await Accept(Offer("a"), Offer("b", "sns"));
        await Claim();
        await Settle("a", SinkOutcome.Delivered);
        var options = new RedisLedgerOptions { Connection = (await shared.ServerAsync()).Connection, Prefix = _prefix };

        using var desk = new RedisDesk(options, Time, new Random(1), this);
        var alerts = desk.Alerts(AlertQuery.All).ToList();
        var due = desk.Resend(IdOf("a"), null);

        Assert.Equal([IdOf("b"), IdOf("a")], alerts.Select(alert => alert.Alert.Id));
        Assert.Equal([Key("a", "slack")], due);
        Assert.Equal(1, Assert.Single(await Claim()).Resent);
    }

    [Fact]
    public async Task Settle_ADigest_LeavesNothingOfItsSet()
    {
        await Accept(Offer("a"), Offer("b"));
        await Claim();
        await Ledger.GatherAsync(IdOf("digest"), [Key("a", "slack"), Key("b", "slack")], Noon, Cancel);
        await Ledger.ResendAsync(IdOf("b"), "slack", Cancel);
        await Claim();
        await Settle("a", SinkOutcome.Delivered);

        Assert.Empty(await Ask(redis => KeysAsync(redis, "digest:*")));
    }

    [Fact]
    public async Task Forget_Hits_TheirNamesEndByThemselvesAndTheirRecordsAreGone()
    {
        await Ledger.JournalAsync([Hit("r", "a", Noon)], Cancel);

        await Ledger.ForgetAsync([KeyOf("r", "a")], Cancel);

        var key = Assert.Single(await Ask(redis => KeysAsync(redis, "hit:*")));
        Assert.Equal(0, await Ask(redis => redis.StringLengthAsync(key)));
        Assert.InRange((await Ask(redis => redis.KeyTimeToLiveAsync(key)))!.Value.TotalDays, 29, 30);
    }

    [Fact]
    public async Task AnyKey_OfALedger_LiesInOneSlotAndEndsOrIsBounded()
    {
        await Accept(Offer("a"), Offer("a", raisedBy: "two"));
        await Ledger.GatherAsync(IdOf("digest"), [Key("a", "slack")], Noon, Cancel);
        await Ledger.JournalAsync([Hit("r", "a", Noon)], Cancel);
        await Ledger.RememberAsync([new LearnedFact("user 1 a", "created", "", Noon)], [], Cancel);
        await Ledger.RejectAsync([new Rejected("queue/1", 0, 5, "no object", "[]"u8.ToArray())], Cancel);
        await Ledger.Seen!.AddAsync([new SeenEvent(400_000, 7)], Cancel);

        var keys = await Ask(redis => KeysAsync(redis, "*"));

        Assert.All(keys, key => Assert.StartsWith($"{{{_prefix}}}:", key.ToString(), StringComparison.Ordinal));
        string[] endless =
        [
            "accepted",
            "alert",
            "alerts",
            "digest",
            "due",
            "entities",
            "fact",
            "journal",
            "place",
            "rejected",
            "rejected-bytes",
            "seen",
            "seen-began",
            "seen-bytes",
            "sinks",
        ];
        foreach (var key in keys.Where(key => !endless.Contains(key.ToString().Split(':')[1])))
            Assert.NotNull(await Ask(redis => redis.KeyTimeToLiveAsync(key)));
    }

    [Fact]
    public async Task Seen_MoreThanMemoryMayHold_TheHoursThatCameFirstAreForgottenAsIfRememberingBeganLater()
    {
        await using var ledger = await OpenAsync((await shared.ServerAsync()).Connection, seenBytes: 8 * 10);
        var hour = SeenEvent.HourOf(Noon);
        foreach (var (at, count) in ((int, int)[])[(0, 4), (1, 4), (0, 1), (2, 4)])
        {
            Time.SetUtcNow(Noon.AddHours(at + 0.5) > Time.GetUtcNow() ? Noon.AddHours(at + 0.5) : Time.GetUtcNow().AddMinutes(1));
            await ledger.Seen!.AddAsync([.. Enumerable.Range(0, count).Select(i => new SeenEvent(hour + at, (ulong)i))], Cancel);
        }

        var read = await ledger.Seen!.ReadAsync(default, Cancel).ToListAsync(Cancel);

        // Of hour 0 an event came after those of hour 1.
        Assert.Equal([(0, 5), (2, 4)], read.Select(part => (part.Hour - hour, part.Identities.Count)));
        Assert.Equal(Noon.AddHours(1.5).AddMicroseconds(1), await ledger.Seen.BeganAsync(Cancel));
        Assert.Equal(8 * 9, (int)await Ask(redis => redis.StringGetAsync($"{{{_prefix}}}:seen-bytes")));
    }

    [Fact]
    public async Task Seen_ByOneInstance_IsKnownToAnotherAndToWhoOnlyLooks()
    {
        Time.Advance(TimeSpan.FromHours(1));
        var connection = (await shared.ServerAsync()).Connection;
        await using var another = await OpenAsync(connection);
        await another.Seen!.AddAsync([new SeenEvent(400_000, 7)], Cancel);
        await Ledger.Seen!.AddAsync([new SeenEvent(400_000, 8)], Cancel);
        await Accept(Offer("a"));

        using var desk = new RedisDesk(new RedisLedgerOptions { Connection = connection, Prefix = _prefix }, Time, new Random(1), this);
        using var elsewhere = new RedisDesk(new RedisLedgerOptions { Connection = connection, Prefix = shared.NewPrefix() }, Time, new Random(1), this);

        Assert.Equal([7UL, 8UL], await desk.Seen!.ReadAsync(default, Cancel).SelectMany(part => part.Identities).ToListAsync(Cancel));
        Assert.Equal(Noon, await desk.Seen.BeganAsync(Cancel));
        Assert.Null(elsewhere.Seen);
        Assert.Equal((true, false), (desk.Knows(IdOf("a")), desk.Knows(IdOf("b"))));
    }

    [Fact]
    public async Task Seen_NoMoreRemembered_AllIsForgotten()
    {
        await Ledger.Seen!.AddAsync([new SeenEvent(400_000, 7)], Cancel);

        await using var forgetful = await OpenAsync((await shared.ServerAsync()).Connection, seen: TimeSpan.Zero);

        Assert.Null(forgetful.Seen);
        Assert.Empty(await Ask(redis => KeysAsync(redis, "seen*")));
    }

    [Fact]
    public async Task Reject_MoreThanIsKept_TheOldestGoAndTheSameIsKeptOnce()
    {
        var record = new Rejected("queue/1", 0, 5, "no object", new byte[3_000]);

        for (var i = 0; i < 4; i++)
        {
            await Ledger.RejectAsync([record with { Index = i }, record with { Index = i, Reason = "again" }], Cancel);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        var places = new List<string?>();
        foreach (var key in await Ask(redis => KeysAsync(redis, "rejected:*")))
            places.Add(await Ask(redis => redis.HashGetAsync(key, "place")));
        Assert.Equal(["2", "3"], places.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Claim_ABodyThatCannotBeRead_TellsAndHoldsUpNoOther()
    {
        await Accept(Offer("a"), Offer("b"));
        await Ask(redis => redis.HashSetAsync($"{{{_prefix}}}:alert:{IdOf("a")}", "body", "{"));

        var claimed = await Claim();

        Assert.Equal([IdOf("b")], claimed.Select(dispatch => dispatch.Alert.Id));
        Assert.Contains(_notices, notice => notice.Severity == NoticeSeverity.Error && notice.Message.Contains(IdOf("a").Value, StringComparison.Ordinal));
        Assert.Equal(2, (await State()).Pending);
    }

    [Fact]
    public async Task Remember_HostileNames_AreReadAsTheyWere()
    {
        LearnedFact[] facts =
        [
            new("user 1 a\0b:*", "x\0y", "\0 {1} \n", Noon),
            new("user 1 a\0b:*", "x", "ü", Noon),
            new("user 1 a\0b:*", "x\0y", null, Noon.AddDays(5)),
        ];

        await Ledger.RememberAsync(facts, [], Cancel);

        var read = await Ledger.ReadHistoryAsync(Cancel).ToListAsync(Cancel);
        Assert.Equal(facts.OrderBy(fact => (fact.Name, fact.Time)), read.OrderBy(fact => (fact.Name, fact.Time)));
    }

    [Fact]
    public async Task AnyMethod_WhileRedisIsAway_WaitsAndGoesOn()
    {
        await using var server = await RedisServer.StartAsync();
        await using var ledger = await OpenAsync(server.Connection);
        await ledger.AcceptAsync([Offer("a")], Cancel);
        await server.KillAsync();

        var accepting = ledger.AcceptAsync([Offer("b")], Cancel).AsTask();
        using var impatient = new CancellationTokenSource();
        var given = ledger.JournalAsync([Hit("r", "x", Noon)], impatient.Token).AsTask();
        await Aws.Eventually.TrueAsync(() => Advanced(_notices.Count > 0), "it is told");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.False(accepting.IsCompleted);
        await server.StartAgainAsync();

        await Aws.Eventually.TrueAsync(() => Advanced(accepting.IsCompleted), "the alert is accepted");
        Assert.Equal([Key("b", "slack")], await accepting);
        Assert.Equal(2, (await ledger.StateAsync(null, Cancel)).Pending);
        Assert.Contains(_notices, notice => notice.Message.Contains("works again", StringComparison.Ordinal));

        // The waits between tries are on the tests' clock.
        bool Advanced(bool holds)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return holds;
        }
    }

    [Fact]
    public async Task Accept_WithoutTheReplicasAskedFor_WaitsUntilTheyHaveIt()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var ledger = await OpenAsync(primary.Connection, replicas: 1);
        var accepting = ledger.AcceptAsync([Offer("a")], Cancel).AsTask();
        await Aws.Eventually.TrueAsync(
            () => _notices.Exists(notice => notice.Message.Contains("fewer than 1 replicas", StringComparison.Ordinal)),
            "it is told that no replica has it"
        );
        Assert.False(accepting.IsCompleted);

        await using var replica = await RedisServer.StartAsync("--replicaof", $"127.0.0.1 {primary.Port}");
        await Aws.Eventually.TrueAsync(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return accepting.IsCompleted;
            },
            "the replica has it"
        );

        Assert.Single(await accepting);
        Assert.NotEqual(0, (long)await replica.AskAsync("EXISTS", $"{{{_prefix}}}:alert:{IdOf("a")}"));
    }

    [Theory]
    [InlineData("127.0.0.1:1", "nobody answers")]
    [InlineData("127.0.0.1:1,ssl=true", "or not by TLS")]
    public async Task Open_NobodyThere_SaysWhere(string connection, string reason)
    {
        var error = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(connection + ",connectTimeout=500,connectRetry=1,password=hush"));

        Assert.Contains("ledger.redis 127.0.0.1:1: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WrongPassword_SaysSoWithoutIt()
    {
        await using var server = await RedisServer.StartAsync();
        await server.AskAsync("CONFIG", "SET", "requirepass", "the-right-one");

        var error = await Assert.ThrowsAsync<StorageException>(() => OpenAsync($"{server.Connection},password=the-wrong-one,connectRetry=1"));

        Assert.Contains("does not take the user or the password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-wrong-one", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AServerThatMayLose_SaysByWhichSetting()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");

        await using var ledger = await OpenAsync(server.Connection);

        Assert.Contains(_notices, notice => notice.Message.StartsWith("appendonly no", StringComparison.Ordinal));
        Assert.Contains(_notices, notice => notice.Message.StartsWith("maxmemory-policy allkeys-lru", StringComparison.Ordinal));
    }

    private async Task<RedisKey[]> KeysAsync(IDatabase redis, string pattern) =>
        await redis.Multiplexer.GetServers()[0].KeysAsync(pattern: $"{{{_prefix}}}:{pattern}").ToArrayAsync(Cancel);
}

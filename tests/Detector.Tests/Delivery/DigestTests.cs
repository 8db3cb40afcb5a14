using Detector.Core.Delivery;
using Detector.Core.Rules;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using static Detector.Tests.Delivery.Doubles;

namespace Detector.Tests.Delivery;

/// <summary>How a storm of alerts is told.</summary>
public sealed class DigestTests
{
    private static readonly DigestOptions Few = new()
    {
        After = 2,
        Period = TimeSpan.FromMinutes(4),
        MostAlerts = 5,
        MostSubjects = 3,
    };

    private readonly FakeTimeProvider _clock = new(Offers.Noon);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_MoreThanAPeriodTakesOneByOne_TellsTheRestTogetherWhenTheDigestIsDue()
    {
        await using var stage = new Stage(_clock, new Script(), Few);

        await stage.AcceptAsync([.. Enumerable.Range(0, 5).Select(i => Alert($"{i}", "rule-a"))]);
        await stage.EmptyAsync();

        Assert.Equal(["0", "1", "2+3+4"], stage.Told.Select(told => told.Names));
        Assert.True(stage.Told[1].At < Offers.Noon + Few.FirstWait);
        Assert.True(stage.Told[2].At >= Offers.Noon + Few.FirstWait);
    }

    [Fact]
    public async Task Run_FirstOfAKindInAStorm_IsNotDelayed()
    {
        await using var stage = new Stage(_clock, new Script(), Few);

        await stage.AcceptAsync([.. Enumerable.Range(0, 4).Select(i => Alert($"{i}", "rule-a")), Alert("new", "rule-b"), Alert("known", "rule-b")]);
        await stage.EmptyAsync();

        Assert.Equal(["0", "1", "new", "2+3+known"], stage.Told.Select(told => told.Names));
        Assert.True(stage.Told[2].At < Offers.Noon + Few.FirstWait);
    }

    [Fact]
    public async Task Run_OneAlertTooMany_IsNoDigest()
    {
        await using var stage = new Stage(_clock, new Script(), Few);

        await stage.AcceptAsync([.. Enumerable.Range(0, 3).Select(i => Alert($"{i}", "rule-a"))]);
        await stage.EmptyAsync();

        Assert.Equal(["0", "1", "2"], stage.Told.Select(told => told.Names));
        Assert.All(stage.Told, told => Assert.Null(told.Digest));
    }

    [Fact]
    public async Task Run_MoreActorsThanAMessageNames_MakesAnotherDigestThatIsDueAtTheSameTime()
    {
        await using var stage = new Stage(_clock, new Script(), Few);

        await stage.AcceptAsync([.. Enumerable.Range(0, 8).Select(i => Alert($"{i}", "rule-a", $"actor {i}"))]);
        await stage.EmptyAsync();

        Assert.Equal(["0", "1", "2+3+4", "5+6+7"], stage.Told.Select(told => told.Names));
    }

    [Fact]
    public async Task Run_StormThatGoesOn_IsToldOfLessAndLessOften()
    {
        await using var stage = new Stage(_clock, new Script(), Few with { MostAlerts = 1_000 });

        for (var second = 0; second < 720; second += 10)
        {
            await stage.AcceptAsync([Alert($"{second}", "rule-a")]);
            await stage.PassAsync(TimeSpan.FromSeconds(10));
        }
        await stage.EmptyAsync();

        var digests = stage.Told.Where(told => told.Digest is not null).Select(told => told.At).ToList();
        Assert.InRange(digests.Count, 3, 6);
        Assert.True(digests[1] - digests[0] >= TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Run_SinkThatKnowsNoDigest_GetsEachByItself()
    {
        var sink = ScriptedSink.Answers("plain");
        var ledger = new TestLedger(_clock);
        using var stopping = new CancellationTokenSource();
        var dispatcher = new Dispatcher(
            ledger,
            [new SinkRoute(sink, Level.Low) { Digests = Few }],
            new DispatcherOptions(),
            _clock,
            new Random(1),
            new NoticeList()
        );
        var running = dispatcher.RunAsync(stopping.Token);

        await dispatcher.AcceptAlertsAsync([.. Enumerable.Range(0, 9).Select(i => Alert($"{i}", "rule-a"))], Cancel);
        await UntilAsync(() => sink.Sends == 9);

        await stopping.CancelAsync();
        await running.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public void Rules_Digest_NamesEveryRuleAndActorTheMostSevereFirst()
    {
        (string Rule, Level Level, string Actor)[] raised = [("b", Level.Low, "x"), ("a", Level.High, "y"), ("b", Level.Low, "z"), ("b", Level.Low, "z")];
        var members = raised.Select((one, i) => new Dispatch(Alert($"{i}", one.Rule, one.Actor, one.Level), "chat", 2)).ToList();

        var digest = new Digest(AlertId.Of("d"), "chat", 1, members);

        Assert.Equal(Level.High, digest.Level);
        Assert.Equal(
            ["a 1: y 1", "b 3: z 2, x 1"],
            digest.Rules.Select(rule =>
                $"{rule.Rule.Name} {rule.Count}: {string.Join(", ", rule.Actors.Select(actor => $"{actor.Actor} {actor.Alerts.Count}"))}"
            )
        );
        Assert.Equal((Offers.Noon, Offers.Noon), digest.Times);
    }

    /// <summary>The whole promise: whatever storms, failures and crashes there are, each alert is told by itself or in one digest, and none is lost.</summary>
    [Fact]
    public void Run_StormsFailuresAndCrashes_TellEachAlertAloneOrInOneDigest() =>
        Property.Holds(
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from alerts in Gen.Choose(1, 60)
            from rules in Gen.Choose(1, 5)
            select (seed, alerts, rules),
            world => TellsEachInOneWay(world.seed, world.alerts, world.rules).GetAwaiter().GetResult(),
            tries: 10
        );

    private static async Task TellsEachInOneWay(int seed, int count, int rules)
    {
        var random = new Random(seed);
        var clock = new FakeTimeProvider(Offers.Noon);
        await using var stage = new Stage(clock, new Script { Random = random }, Few);
        var alerts = Enumerable.Range(0, count).Select(i => Alert($"{i}", $"rule {random.Next(rules)}", $"actor {random.Next(6)}")).ToList();
        foreach (var some in alerts.Chunk(random.Next(1, 12)))
        {
            await stage.AcceptAsync(some);
            await stage.PassAsync(TimeSpan.FromSeconds(random.Next(90)));
            if (random.Next(4) == 0)
                await stage.CrashAsync();
        }
        stage.Calm();
        await stage.EmptyAsync();

        foreach (var alert in alerts)
        {
            var told = stage.Told.Where(one => one.Alerts.Contains(alert.Id)).Select(one => one.Digest).Distinct().ToList();
            Assert.True(told.Count == 1, $"seed {seed}: alert was told in {told.Count} ways");
        }
        foreach (var digest in stage.Told.Where(one => one.Digest is not null).GroupBy(one => one.Digest))
            Assert.True(digest.Select(one => one.Names).Distinct().Count() == 1, $"seed {seed}: a digest was told with other members");
    }

    private static Alert Alert(string name, string rule, string actor = "someone", Level level = Level.High) =>
        Offers.Offer(name, rule: rule).Alert with
        {
            Rule = new AlertRule(rule, rule, rule, level, [], "", ""),
            Events = [new AlertEvent(name, Offers.Noon, "CreateUser", "test", 0)],
            Facts = new AlertFacts { Actor = actor },
        };

    /// <summary>Something that a sink told people.</summary>
    private sealed record Told(AlertId? Digest, IReadOnlyList<AlertId> Alerts, string Names, DateTimeOffset At);

    /// <summary>What goes wrong; nothing without chance.</summary>
    private sealed class Script
    {
        public Random? Random { get; set; }

        public bool Fails(int one)
        {
            if (Random is not { } random)
                return false;
            lock (random)
                return random.Next(one) == 0;
        }
    }

    /// <summary>A dispatcher at work for one sink, on a ledger that survives it.</summary>
    private sealed class Stage : IAsyncDisposable
    {
        private readonly FakeTimeProvider _clock;
        private readonly Script _script;
        private readonly DigestOptions _digests;
        private readonly TestLedger _ledger;
        private readonly Chat _chat;
        private CancellationTokenSource _stopping = new();
        private Dispatcher _dispatcher = null!;
        private Task _running = Task.CompletedTask;

        public Stage(FakeTimeProvider clock, Script script, DigestOptions digests)
        {
            (_clock, _script, _digests) = (clock, script, digests);
            _chat = new Chat(script, clock);
            // What is sent and not settled is what a crash leaves.
            _ledger = new TestLedger(clock)
            {
                Before = method =>
                    method.StartsWith("Settle", StringComparison.Ordinal) && script.Fails(8) ? throw new IOException("full") : Task.CompletedTask,
            };
            Start();
        }

        public IReadOnlyList<Told> Told
        {
            get
            {
                lock (_chat.Told)
                    return [.. _chat.Told];
            }
        }

        public async Task AcceptAsync(IReadOnlyList<Alert> alerts)
        {
            await _dispatcher.AcceptAlertsAsync(alerts, Cancel);
            await PassAsync(TimeSpan.Zero);
        }

        /// <summary>Lets time pass, and the loop do what is due meanwhile.</summary>
        public async Task PassAsync(TimeSpan time)
        {
            var end = _clock.GetUtcNow() + time;
            await SettleDownAsync();
            while (_clock.GetUtcNow() < end)
            {
                _clock.Advance(TimeSpan.FromSeconds(Math.Min(5, (end - _clock.GetUtcNow()).TotalSeconds)));
                await SettleDownAsync();
            }
        }

        public async Task CrashAsync()
        {
            await StopAsync();
            Start();
        }

        public void Calm() => _script.Random = null;

        public async Task EmptyAsync()
        {
            for (var minutes = 0; (await _ledger.StateAsync(null, Cancel)).Pending > 0; minutes++)
            {
                Assert.True(minutes < 120, "something is never told");
                await PassAsync(TimeSpan.FromMinutes(1));
            }
        }

        public async ValueTask DisposeAsync() => await StopAsync();

        private void Start()
        {
            _stopping = new CancellationTokenSource();
            _dispatcher = new Dispatcher(
                _ledger,
                [new SinkRoute(_chat, Level.Informational) { Digests = _digests }],
                new DispatcherOptions(),
                _clock,
                new Random(1),
                new NoticeList()
            );
            _running = _dispatcher.RunAsync(_stopping.Token);
        }

        private async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await _running.WaitAsync(Patience);
            _stopping.Dispose();
        }

        private async Task<bool> IsDueAsync() => (await _ledger.StateAsync(null, Cancel)).NextDueAt <= _clock.GetUtcNow();

        /// <summary>Until nothing more happens without the clock: no delivery is due that is not pausing, or there is no change for a while.</summary>
        private async Task SettleDownAsync()
        {
            for (int calm = 0, seen = -1; calm < 5 || (calm < 60 && await IsDueAsync()); )
            {
                var now = Volatile.Read(ref _chat.Asked) + _ledger.Calls;
                (calm, seen) = now == seen ? (calm + 1, seen) : (0, now);
                await Task.Delay(1, Cancel);
            }
        }
    }

    private sealed class Chat(Script script, TimeProvider clock) : IDigestSink
    {
        public int Asked;

        public List<Told> Told { get; } = [];

        public string Name => "chat";

        public int Concurrency => 2;

        public ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation) => Tell(null, [dispatch]);

        public ValueTask<SinkAnswer> SendDigestAsync(Digest digest, CancellationToken cancellation) => Tell(digest.Id, digest.Members);

        private ValueTask<SinkAnswer> Tell(AlertId? digest, IReadOnlyList<Dispatch> members)
        {
            Interlocked.Increment(ref Asked);
            if (script.Fails(5))
                return ValueTask.FromResult(SinkAnswer.Retry("busy"));
            lock (Told)
            {
                Told.Add(
                    new Told(
                        digest,
                        [.. members.Select(member => member.Alert.Id)],
                        string.Join('+', members.Select(member => member.Alert.Events[0].EventId)),
                        clock.GetUtcNow()
                    )
                );
            }
            return ValueTask.FromResult(SinkAnswer.Delivered);
        }
    }
}

using System.Text;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Delivery;
using Detector.Tests.Detection;
using Microsoft.Extensions.Time.Testing;
using static Detector.Tests.Delivery.Doubles;

namespace Detector.Tests;

public sealed class CorrelatorTests : IAsyncDisposable
{
    private const string Pair = "type: event_count, rules: [b], group-by: [user], timespan: 10s, condition: {gte: 2}";
    private static readonly TimeSpan DeadAfter = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _clock = new(Stage.Start.AddDays(1));
    private readonly NoticeList _notices = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ScriptedSink _sink = ScriptedSink.Answers("sink");
    private readonly TestLedger _ledger;
    private readonly FakeTurns _turns;
    private readonly Correlator _correlator;
    private readonly Task _dispatching;
    private Task _correlating = Task.CompletedTask;

    public CorrelatorTests()
    {
        _ledger = new TestLedger(_clock);
        _turns = new FakeTurns(_ledger);
        var dispatcher = new Dispatcher(_ledger, [new SinkRoute(_sink, Level.Informational)], new DispatcherOptions(), _clock, new Random(1), _notices);
        var options = new CorrelatorOptions { DeadAfter = DeadAfter };
        _correlator = new Correlator(_turns, dispatcher, Rules("c"), [], () => Stage.Start, options, _clock, _notices);
        _dispatching = dispatcher.RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _ledger.Before = _ => Task.CompletedTask;
        await _stopping.CancelAsync();
        await Task.WhenAll(_correlating, _dispatching).WaitAsync(Patience);
        _stopping.Dispose();
    }

    [Fact]
    public async Task Run_HasTheTurn_JudgesTheHitsOfAllInTheOrderOfTheirTimes()
    {
        await JournalAsync("b1", 0);
        _turns.Beat("other", Stage.Start.AddSeconds(1));
        Run();
        await UntilTrueAsync(() => _correlator.Watermark == Stage.Start.AddSeconds(1));

        await JournalAsync("b2", 5);
        _turns.Beat("other", Stage.Start.AddMinutes(1));

        Assert.Equal(["b1", "b2"], await ToldAsync());
        await UntilTrueAsync(() => Waiting().Count == 0);
    }

    [Fact]
    public async Task Run_AnotherHasTheTurn_BeatsAndJudgesNothing()
    {
        _turns.Free = false;
        await JournalAsync("b1", 0);
        await JournalAsync("b2", 1);
        _turns.Beat("other", Stage.Start.AddMinutes(1));

        Run();
        await UntilTrueAsync(() => _turns.Beats >= 5);

        Assert.Equal(0, _sink.Sends);
        Assert.Equal(2, Waiting().Count);
        _turns.Free = true;
        Assert.Equal(["b1", "b2"], await ToldAsync());
    }

    [Fact]
    public async Task Run_OneIsFurtherBehind_WaitsForIt()
    {
        await JournalAsync("b1", 0);
        await JournalAsync("b2", 5);
        _turns.Beat("fast", Stage.Start.AddMinutes(1));
        _turns.Beat("slow", Stage.Start.AddSeconds(2));

        Run();
        await UntilTrueAsync(() => _correlator.Watermark == Stage.Start.AddSeconds(2));
        var early = _sink.Sends;
        _turns.Beat("slow", Stage.Start.AddSeconds(50));

        Assert.Equal(0, early);
        Assert.Equal(["b1", "b2"], await ToldAsync());
        Assert.Equal(Stage.Start.AddSeconds(50), _correlator.Watermark);
    }

    [Fact]
    public async Task Run_OneBeatsNoMore_IsBuriedWhenItsMessagesHaveComeBackAndTimeGoesOn()
    {
        await JournalAsync("b1", 0);
        await JournalAsync("b2", 5);
        _turns.Beat("dead", Stage.Start.AddSeconds(2));
        var died = _clock.GetUtcNow();
        Run();
        await UntilTrueAsync(() =>
        {
            _turns.Beat("live", Stage.Start.AddMinutes(1));
            return _turns.Buried.Count > 0;
        });

        Assert.Equal(["dead"], _turns.Buried);
        Assert.True(_clock.GetUtcNow() - died >= DeadAfter);
        Assert.Equal(["b1", "b2"], await ToldAsync());
        Assert.Contains(_notices.All, notice => notice.Message.Contains("instance dead has died", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_TurnLost_WritesNothingAndSaysSoOnce()
    {
        _turns.Beat("other", Stage.Start.AddSeconds(1));
        Run();
        await UntilTrueAsync(() => _correlator.Watermark == Stage.Start.AddSeconds(1));

        _turns.Lose();
        await JournalAsync("b1", 0);
        await JournalAsync("b2", 1);
        _turns.Beat("other", Stage.Start.AddMinutes(1));
        await UntilTrueAsync(() => _notices.All.Any(notice => notice.Message.Contains("has lost its turn", StringComparison.Ordinal)));
        var beats = _turns.Beats;
        await UntilTrueAsync(() => _turns.Beats >= beats + 3);

        Assert.Equal(0, _sink.Sends);
        Assert.Equal(2, Waiting().Count);
        Assert.Single(_notices.All, notice => notice.Message.Contains("has lost its turn", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(ILedger.AcceptAsync))]
    [InlineData(nameof(ILedger.ForgetAsync))]
    public async Task Run_LedgerFails_GivesTheTurnUpAndBeginsAnewWithWhatTheJournalHolds(string step)
    {
        var failures = 1;
        _ledger.Before = method => method == step && Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("disk") : Task.CompletedTask;
        await JournalAsync("b1", 0);
        await JournalAsync("b2", 1);
        _turns.Beat("other", Stage.Start.AddMinutes(1));

        Run();

        Assert.Equal(["b1", "b2"], await ToldAsync());
        await UntilTrueAsync(() => Waiting().Count == 0);
        Assert.Equal(1, _turns.Ended);
        Assert.Equal(1, _sink.Sends);
        Assert.Contains(_notices.All, notice => notice.Error is IOException);
    }

    [Fact]
    public async Task Run_BeatFails_TriesAgainAndKeepsTheTurn()
    {
        _turns.Beat("other", Stage.Start.AddSeconds(1));
        Run();
        await UntilTrueAsync(() => _correlator.Watermark == Stage.Start.AddSeconds(1));

        _turns.Fails = true;
        await UntilTrueAsync(() => _notices.All.Any(notice => notice.Message.Contains("could not tell that it lives", StringComparison.Ordinal)));
        _turns.Fails = false;
        await JournalAsync("b1", 0);
        await JournalAsync("b2", 1);
        _turns.Beat("other", Stage.Start.AddMinutes(1));

        Assert.Equal(["b1", "b2"], await ToldAsync());
        Assert.Equal(0, _turns.Ended);
    }

    [Fact]
    public async Task Replace_HitsOfARuleThatWasNotThere_WaitAndAreJudgedByTheNewRules()
    {
        // As another instance has journaled them, which has the new rules already; their times are now.
        var (now, rules) = ((int)(_clock.GetUtcNow() - Stage.Start).TotalSeconds, Rules("c", "d"));
        await JournalAsync("b1", now, rules, "d");
        await JournalAsync("b2", now + 1, rules, "d");
        _turns.Beat("other", Stage.Start.AddSeconds(now + 60));
        Run();
        await UntilTrueAsync(() => _correlator.Watermark == Stage.Start.AddSeconds(now + 60));
        var early = (_sink.Sends, Waiting().Count);

        _correlator.Replace(rules);

        Assert.Equal((0, 2), early);
        Assert.Equal(["b1", "b2"], await ToldAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_TakesItsLeave_AndEndsAlsoIfNobodyHearsIt(bool fails)
    {
        Run();
        await UntilTrueAsync(() => _turns.Beats > 0);
        _turns.Fails = fails;

        await _stopping.CancelAsync();
        await _correlating.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(1, _turns.Left);
        Assert.Equal(fails, _notices.All.Any(notice => notice.Message.Contains("could not take its leave", StringComparison.Ordinal)));
    }

    private void Run() => _correlating = _correlator.RunAsync(_stopping.Token);

    /// <summary>Lets the clock go on until something is so.</summary>
    private Task UntilTrueAsync(Func<bool> condition) =>
        UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            return condition();
        });

    private async Task<IEnumerable<string>> ToldAsync()
    {
        await UntilTrueAsync(() => _sink.Sends > 0);
        return (await _sink.AskedAsync()).Alert.Events.Select(told => told.EventId!).Order(StringComparer.Ordinal);
    }

    private List<JournaledHit> Waiting() => [.. _ledger.ReadJournalAsync(default).ToBlockingEnumerable()];

    /// <summary>Puts an event's hits into the journal, as whichever instance has received it does.</summary>
    private async Task JournalAsync(string id, int second, RuleSet? rules = null, string correlation = "c")
    {
        var judge = new Judge(rules ?? Rules("c"));
        using var detection = new DetectionPipeline(judge.Rules, TimeSpan.Zero, _clock);
        using var batch = new EventBatch("test", Encoding.UTF8.GetBytes(Stage.Record(id, second, "x", "")), new FreeReceipt());
        var hits = detection.ForJournal(judge.Try(batch)).Where(hit => hit.Key.For == judge.Rules.Correlations.Single(rule => rule.Name == correlation).Key);
        _turns.Place(await _ledger.JournalAsync([.. hits], default));
    }

    private static RuleSet Rules(params string[] correlations) => Stage.Rules(correlations.Select(name => (name, Pair)));

    private sealed class FreeReceipt : Receipt
    {
        public override ValueTask AckAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public override ValueTask ReturnAsync(CancellationToken cancellation) => ValueTask.CompletedTask;
    }

    /// <summary>What Redis does for turns, in memory.</summary>
    private sealed class FakeTurns(TestLedger ledger) : ITurns
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Beat> _beats = new(StringComparer.Ordinal);
        private readonly Dictionary<HitKey, long> _places = [];
        private FakeTurn? _turn;

        public string Instance => "me";

        /// <summary>Whether nobody else has the turn.</summary>
        public volatile bool Free = true;

        public volatile bool Fails;

        public int Beats;
        public int Left;
        public int Ended;

        public List<string> Buried { get; } = [];

        public void Beat(string instance, DateTimeOffset watermark)
        {
            lock (_lock)
                _beats[instance] = new Beat(instance, _beats.GetValueOrDefault(instance).Number + 1, watermark);
        }

        public void Place(IEnumerable<JournaledHit> hits)
        {
            lock (_lock)
            {
                foreach (var hit in hits)
                    _places.Add(hit.Key, _places.Count + 1);
            }
        }

        /// <summary>Another takes the turn.</summary>
        public void Lose()
        {
            lock (_lock)
                (_turn, Free) = (null, false);
        }

        public ValueTask<ITurn?> BeatAsync(DateTimeOffset watermark, CancellationToken cancellation)
        {
            Interlocked.Increment(ref Beats);
            if (Fails)
                throw new IOException("away");
            lock (_lock)
                return ValueTask.FromResult<ITurn?>(_turn ??= Free ? new FakeTurn(this) : null);
        }

        public ValueTask LeaveAsync(CancellationToken cancellation)
        {
            Left++;
            return Fails ? throw new IOException("away") : ValueTask.CompletedTask;
        }

        private void Check(FakeTurn turn)
        {
            if (_turn != turn)
                throw new TurnLostException();
        }

        private sealed class FakeTurn(FakeTurns turns) : ITurn
        {
            public ILedger Ledger => turns._ledger;

            public ValueTask<JournalPage> ReadAsync(long after, CancellationToken cancellation)
            {
                lock (turns._lock)
                {
                    turns.Check(this);
                    var hits = turns
                        ._ledger.ReadJournalAsync(cancellation)
                        .ToBlockingEnumerable(cancellation)
                        .Where(hit => turns._places.GetValueOrDefault(hit.Key) > after)
                        .OrderBy(hit => turns._places[hit.Key])
                        .ToList();
                    var last = hits.Count == 0 ? after : turns._places[hits[^1].Key];
                    return ValueTask.FromResult(new JournalPage(hits, last, More: false, [.. turns._beats.Values]));
                }
            }

            public ValueTask BuryAsync(string instance, CancellationToken cancellation)
            {
                lock (turns._lock)
                {
                    turns.Check(this);
                    turns._beats.Remove(instance);
                    turns.Buried.Add(instance);
                }
                return ValueTask.CompletedTask;
            }

            public ValueTask EndAsync(CancellationToken cancellation)
            {
                lock (turns._lock)
                {
                    turns.Ended++;
                    turns._turn = null;
                }
                return ValueTask.CompletedTask;
            }
        }

        private readonly TestLedger _ledger = ledger;
    }
}

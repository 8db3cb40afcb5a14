using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Tests.Adapters.Aws;
using Microsoft.Extensions.Time.Testing;
using static Detector.Tests.Delivery.Doubles;

namespace Detector.Tests.Delivery;

public sealed class DispatcherTests : IAsyncDisposable
{
    private static readonly DispatcherOptions Options = new();

    private readonly FakeTimeProvider _clock = new(Offers.Noon);
    private readonly NoticeList _notices = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TestLedger _ledger;
    private readonly List<Task> _running = [];

    public DispatcherTests() => _ledger = new TestLedger(_clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running).WaitAsync(Patience);
        _stopping.Dispose();
    }

    [Fact]
    public async Task Accept_NothingFound_AsksNobody()
    {
        _ledger.Before = _ => throw new InvalidOperationException("asked");

        await Make(_ledger, ScriptedSink.Answers("sink")).AcceptAsync([], Cancel);

        Assert.Empty(_notices.All);
    }

    [Fact]
    public async Task Accept_DurableLedger_DoesNotWaitForTheSink()
    {
        var never = new ScriptedSink("slow", (_, cancellation) => Forever(cancellation));
        var dispatcher = Start(_ledger, never);

        await dispatcher.AcceptAsync([Finding("a")], Cancel).AsTask().WaitAsync(Patience, Cancel);

        Assert.Equal("a", (await never.AskedAsync()).Alert.Events[0].EventId);
        _clock.Advance(Options.SendTimeout);
    }

    [Theory]
    [InlineData(SinkOutcome.Delivered)]
    [InlineData(SinkOutcome.Refused)]
    public async Task Accept_LedgerInMemory_CompletesWhenSettled(SinkOutcome outcome)
    {
        var answer = new TaskCompletionSource<SinkAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var sink = new ScriptedSink("sink", (_, _) => new ValueTask<SinkAnswer>(answer.Task));
        var dispatcher = Start(new TestLedger(_clock, durable: false), sink);

        var accepting = dispatcher.AcceptAsync([Finding("a")], Cancel).AsTask();
        await sink.AskedAsync();
        var early = accepting.IsCompleted;
        answer.SetResult(outcome == SinkOutcome.Delivered ? SinkAnswer.Delivered : SinkAnswer.Refused("no"));
        await accepting.WaitAsync(Patience, Cancel);

        Assert.False(early);
    }

    [Fact]
    public async Task Accept_LedgerInMemory_TriesAgainUntilItIsSettled()
    {
        var sink = ScriptedSink.Answers("sink", SinkAnswer.Retry("busy"), SinkAnswer.Retry("busy"));
        var dispatcher = Start(new TestLedger(_clock, durable: false), sink);

        var accepting = dispatcher.AcceptAsync([Finding("a")], Cancel).AsTask();
        await _clock.UntilAsync(() => accepting.IsCompleted, TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(1));

        Assert.Equal(3, sink.Sends);
    }

    [Fact]
    public async Task Accept_SinkFasterThanTheLedgersAnswer_CompletesAllTheSame()
    {
        var ledger = new TestLedger(_clock, durable: false);
        var sink = ScriptedSink.Answers("sink");
        var dispatcher = Make(ledger, sink);
        ledger.AfterAccept = async () =>
        {
            Run(dispatcher);
            await ledger.SettledAsync();
            await _stopping.CancelAsync();
            await Task.WhenAll(_running);
        };

        await dispatcher.AcceptAsync([Finding("a")], Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancel);

        Assert.Equal(1, sink.Sends);
    }

    [Fact]
    public async Task Accept_AlertToldBefore_CompletesAndSendsNothing()
    {
        var sink = ScriptedSink.Answers("sink");
        var dispatcher = Start(new TestLedger(_clock, durable: false), sink);

        await dispatcher.AcceptAsync([Finding("a"), Finding("a")], Cancel).AsTask().WaitAsync(Patience, Cancel);
        await dispatcher.AcceptAsync([Finding("a")], Cancel).AsTask().WaitAsync(Patience, Cancel);

        Assert.Equal(1, sink.Sends);
    }

    [Fact]
    public async Task Accept_NobodyWantsTheLevel_IsSettledAtOnce()
    {
        var sink = ScriptedSink.Answers("sink");
        var dispatcher = Make(new TestLedger(_clock, durable: false), new SinkRoute(sink, Level.Critical));

        await dispatcher.AcceptAsync([Finding("a", Level.High)], Cancel).AsTask().WaitAsync(Patience, Cancel);
        await dispatcher.EmptyAsync(Cancel).WaitAsync(Patience, Cancel);

        Assert.Equal(0, sink.Sends);
    }

    [Theory]
    [InlineData(Level.Medium, false)]
    [InlineData(Level.High, true)]
    [InlineData(Level.Critical, true)]
    public async Task Accept_MinimumLevel_GoesToThoseWhoWantIt(Level level, bool sent)
    {
        var all = ScriptedSink.Answers("all");
        var grave = ScriptedSink.Answers("grave");
        var dispatcher = Start(new TestLedger(_clock, durable: false), new SinkRoute(all, Level.Informational), new SinkRoute(grave, Level.High));

        await dispatcher.AcceptAsync([Finding("a", level)], Cancel).AsTask().WaitAsync(Patience, Cancel);

        Assert.Equal((1, sent ? 1 : 0), (all.Sends, grave.Sends));
    }

    [Fact]
    public async Task Accept_FullOutbox_WaitsForRoom()
    {
        var gate = new TaskCompletionSource<SinkAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var sink = new ScriptedSink("sink", (_, _) => new ValueTask<SinkAnswer>(gate.Task));
        var dispatcher = Start(_ledger, Options with { OutboxLimit = 2 }, new SinkRoute(sink, Level.Informational));
        await dispatcher.AcceptAsync([Finding("a"), Finding("b")], Cancel);

        var third = dispatcher.AcceptAsync([Finding("c")], Cancel).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(5));
        var early = third.IsCompleted;
        gate.SetResult(SinkAnswer.Delivered);
        await _clock.UntilAsync(() => third.IsCompleted, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

        Assert.False(early);
    }

    [Fact]
    public async Task Send_Fails_BacksOffByDoublingUpToTheLongest()
    {
        var sink = ScriptedSink.Answers("sink", [.. Enumerable.Repeat(SinkAnswer.Retry("busy"), 10)]);
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        var waits = new List<double>();
        for (var n = 0; n < 10; n++)
        {
            waits.Add((await NextAsync()).Wait);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 120, 120, 120], waits);
    }

    [Fact]
    public async Task Send_SeveralFailAtOnce_BacksOffOnce()
    {
        var sink = new ScriptedSink("sink", (_, _) => ValueTask.FromResult(SinkAnswer.Retry("busy")), concurrency: 4);
        var dispatcher = Make(_ledger, sink);
        await dispatcher.AcceptAsync([Finding("a"), Finding("b"), Finding("c"), Finding("d")], Cancel);
        Run(dispatcher);

        var waits = new List<double>();
        for (var n = 0; n < 8; n++)
        {
            waits.Add((await NextAsync()).Wait);
        }

        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2], waits);
    }

    [Fact]
    public async Task Send_SinkOfBatches_SendsWhatIsDueInOneCallAndEachAlertHasItsOwnFate()
    {
        var sink = new BatchedSink(dispatch =>
            (NameOf(dispatch.Alert), dispatch.Attempt) switch
            {
                ("b", 1) => SinkAnswer.Retry("busy"),
                ("c", _) => SinkAnswer.Refused("never"),
                _ => SinkAnswer.Delivered,
            }
        );
        var dispatcher = Make(_ledger, sink);
        await dispatcher.AcceptAsync([Finding("a"), Finding("b"), Finding("c"), Finding("d")], Cancel);
        Run(dispatcher);

        // Two that are delivered as one, two each with a fate of its own, and the one that is tried again.
        for (var settled = 0; settled < 4; settled++)
        {
            await NextAsync();
        }

        Assert.Equal(["a", "b", "c", "d"], sink.Calls[0].Order(StringComparer.Ordinal));
        Assert.Equal(["b"], sink.Calls[1]);
        var alerts = await _ledger.ReadAlertsAsync(new AlertQuery(), Cancel).ToListAsync(Cancel);
        Assert.Equal(
            [("a", DeliveryState.Delivered, 1), ("b", DeliveryState.Delivered, 2), ("c", DeliveryState.Refused, 1), ("d", DeliveryState.Delivered, 1)],
            alerts.Select(one => (NameOf(one.Alert), one.Deliveries[0].State, one.Deliveries[0].Attempts)).Order()
        );
        Assert.Equal("never", alerts.Single(one => NameOf(one.Alert) == "c").Deliveries[0].Reason);
    }

    [Fact]
    public async Task Send_BatchThatFails_IsToldOfOnceWithItsNumber()
    {
        var sink = new BatchedSink(dispatch => dispatch.Attempt == 1 ? SinkAnswer.Retry("the topic is gone", TimeSpan.FromMinutes(2)) : SinkAnswer.Delivered);
        var dispatcher = Make(_ledger, sink);
        await dispatcher.AcceptAsync([Finding("a"), Finding("b"), Finding("c"), Finding("d")], Cancel);
        Run(dispatcher);

        await NextAsync();
        await NextAsync();

        Assert.Equal([4, 4], sink.Calls.Select(call => call.Count));
        var told = Assert.Single(_notices.All, notice => notice.Message.Contains("not delivered", StringComparison.Ordinal));
        Assert.Matches(@"^4 alerts \([0-9a-f]{32} and others\) not delivered \(attempt 1\): the topic is gone; next try in 120 s$", told.Message);
    }

    [Fact]
    public async Task Send_SucceedsBetween_StartsBackOffAnew()
    {
        var sink = ScriptedSink.Answers("sink", SinkAnswer.Retry("busy"), SinkAnswer.Retry("busy"), SinkAnswer.Delivered, SinkAnswer.Retry("busy"));
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        await NextAsync();
        await NextAsync();
        await NextAsync();
        await dispatcher.AcceptAsync([Finding("b")], Cancel);
        var after = await NextAsync();

        Assert.Equal(1, after.Wait);
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(0.2, 1)] // never sooner than the sink's own back-off
    [InlineData(1200, 1200)]
    [InlineData(315_360_000, 1800)] // ten years would bury the alert
    [InlineData(9e11, 1800)]
    [InlineData(-5, 1)]
    public async Task Send_RetryAfter_IsHonouredWithinReason(double asked, double waited)
    {
        var sink = ScriptedSink.Answers("sink", SinkAnswer.Retry("later", TimeSpan.FromSeconds(asked)));
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        var retry = await NextAsync();
        var second = await NextAsync();

        Assert.Equal(waited, retry.Wait);
        Assert.Equal(SinkOutcome.Delivered, second.Settlement.Outcome);
    }

    [Fact]
    public async Task Send_RetryAfter_HoldsForItsNeighboursToo()
    {
        var sink = ScriptedSink.Answers("sink", SinkAnswer.Retry("later", TimeSpan.FromMinutes(1)));
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        await _ledger.SettledAsync();
        await dispatcher.AcceptAsync([Finding("b")], Cancel);
        _clock.Advance(TimeSpan.FromSeconds(59));
        var early = sink.Sends;
        await _clock.UntilAsync(() => sink.Sends == 3, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));

        Assert.Equal(1, early);
    }

    [Fact]
    public async Task Send_UntilMended_HoldsForThatAlertOnly()
    {
        var sink = ScriptedSink.Answers("sink", SinkAnswer.UntilMended("a filter on the way does not like it", TimeSpan.FromMinutes(10)));
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        await _ledger.SettledAsync();
        await dispatcher.AcceptAsync([Finding("b")], Cancel);
        await _clock.UntilAsync(() => sink.Sends == 2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromMinutes(9));
        var early = sink.Sends;
        await _clock.UntilAsync(() => sink.Sends == 3, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));

        Assert.Equal(2, early);
    }

    [Fact]
    public async Task Send_Throws_IsTriedAgainAndNothingOfTheMessageIsTold()
    {
        var sink = new ScriptedSink(
            "sink",
            (dispatch, _) =>
                dispatch.Attempt == 1 ? throw new InvalidOperationException("https://hooks.example/secret") : ValueTask.FromResult(SinkAnswer.Delivered)
        );
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        var first = await NextAsync();
        var second = await NextAsync();

        Assert.Equal((SinkOutcome.Retry, "the sink failed (InvalidOperationException)"), (first.Settlement.Outcome, first.Settlement.Reason));
        Assert.Equal(SinkOutcome.Delivered, second.Settlement.Outcome);
        Assert.DoesNotContain(_notices.All, notice => $"{notice.Message}{notice.Error}".Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_TakesTooLong_IsCancelledAndTriedAgain()
    {
        var sink = new ScriptedSink(
            "sink",
            (dispatch, cancellation) => dispatch.Attempt == 1 ? Forever(cancellation) : ValueTask.FromResult(SinkAnswer.Delivered)
        );
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        await sink.AskedAsync();
        _clock.Advance(Options.SendTimeout - TimeSpan.FromMilliseconds(1));
        var early = _notices.All.Count;
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var first = await NextAsync();
        var second = await NextAsync();

        Assert.Equal(0, early);
        Assert.Equal((SinkOutcome.Retry, "no answer within 20 s"), (first.Settlement.Outcome, first.Settlement.Reason));
        Assert.Equal(SinkOutcome.Delivered, second.Settlement.Outcome);
    }

    [Fact]
    public async Task Send_Refused_IsSettledAndTold()
    {
        var sink = ScriptedSink.Answers("sink", SinkAnswer.Refused("too long"));
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        var settled = await _ledger.SettledAsync();
        await dispatcher.EmptyAsync(Cancel).WaitAsync(Patience, Cancel);

        Assert.Equal(SinkOutcome.Refused, settled.Settlement.Outcome);
        Assert.Equal(1, sink.Sends);
        Assert.Equal(NoticeSeverity.Error, Assert.Single(_notices.All).Severity);
    }

    [Fact]
    public async Task Send_OneSinkHangs_TheOtherIsServed()
    {
        var hanging = new ScriptedSink("hanging", (_, cancellation) => Forever(cancellation));
        var throwing = new ScriptedSink("throwing", (_, _) => throw new InvalidOperationException("no"));
        var healthy = ScriptedSink.Answers("healthy");
        var dispatcher = Start(_ledger, hanging, throwing, healthy);

        await dispatcher.AcceptAsync([Finding("a"), Finding("b"), Finding("c")], Cancel);
        var served = new[] { await healthy.AskedAsync(), await healthy.AskedAsync(), await healthy.AskedAsync() };

        Assert.Equal(["a", "b", "c"], served.Select(dispatch => dispatch.Alert.Events[0].EventId));
        // Its time limit begins with the send, which may come after those of the others.
        await hanging.AskedAsync();
        _clock.Advance(Options.SendTimeout);
    }

    [Fact]
    public async Task Send_OneSinkBlocksItsThread_TheOtherIsServed()
    {
        using var release = new ManualResetEventSlim();
        var blocking = new ScriptedSink(
            "blocking",
            (_, _) =>
            {
                release.Wait(Patience, CancellationToken.None);
                return ValueTask.FromResult(SinkAnswer.Delivered);
            }
        );
        var healthy = ScriptedSink.Answers("healthy");
        var dispatcher = Make(_ledger, blocking, healthy);
        await dispatcher.AcceptAsync([Finding("a")], Cancel);

        var running = Task.Run(() => dispatcher.RunAsync(_stopping.Token), Cancel);
        _running.Add(running);
        var served = await Task.WhenAny(healthy.AskedAsync(), Task.Delay(TimeSpan.FromSeconds(5), Cancel)) is Task<Dispatch>;
        release.Set();

        Assert.True(served);
    }

    [Fact]
    public async Task Run_Stopped_LetsSendsInFlightEnd()
    {
        var answer = new TaskCompletionSource<SinkAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = false;
        var sink = new ScriptedSink(
            "sink",
            (_, cancellation) =>
            {
                cancellation.Register(() => cancelled = true);
                return new ValueTask<SinkAnswer>(answer.Task);
            }
        );
        var dispatcher = Start(_ledger, sink);
        await dispatcher.AcceptAsync([Finding("a"), Finding("b")], Cancel);
        await sink.AskedAsync();

        await _stopping.CancelAsync();
        var early = _running[0].IsCompleted;
        answer.SetResult(SinkAnswer.Delivered);
        await _running[0].WaitAsync(Patience, Cancel);

        Assert.Equal((false, false), (early, cancelled));
        Assert.Equal(SinkOutcome.Delivered, (await _ledger.SettledAsync()).Settlement.Outcome);
        Assert.Equal(1, sink.Sends);
    }

    [Fact]
    public async Task Run_StoppedWhileASinkIsLeftAlone_EndsAtOnce()
    {
        var dispatcher = Start(_ledger, ScriptedSink.Answers("sink", SinkAnswer.Retry("later", TimeSpan.FromHours(1))));
        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        await _ledger.SettledAsync();

        await _stopping.CancelAsync();

        await _running[0].WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task Run_LedgerFails_IsToldAndTriedAgain()
    {
        var failures = 3;
        _ledger.Before = method =>
            method == nameof(ILedger.ClaimAsync) && Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("disk") : Task.CompletedTask;
        var sink = ScriptedSink.Answers("sink");
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        await _clock.UntilAsync(() => sink.Sends == 1, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));

        Assert.Equal(3, _notices.All.Count(notice => notice.Error is IOException));
    }

    [Fact]
    public async Task Run_SettlementFails_SendsAgainWhenTheLeaseEnds()
    {
        var failures = 1;
        _ledger.Before = method =>
            method == nameof(ILedger.SettleAsync) && Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("disk") : Task.CompletedTask;
        var sink = ScriptedSink.Answers("sink");
        var dispatcher = Start(_ledger, sink);

        await dispatcher.AcceptAsync([Finding("a")], Cancel);
        await sink.AskedAsync();
        var taken = await _clock.UntilAsync(() => sink.Sends == 2, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(3));

        Assert.True(taken >= Options.Lease);
        Assert.Equal(SinkOutcome.Delivered, (await _ledger.SettledAsync()).Settlement.Outcome);
    }

    /// <summary>The next settlement, and how long from then the delivery is to wait; turns the clock until it comes.</summary>
    private async Task<(double Wait, Settlement Settlement)> NextAsync()
    {
        var next = _ledger.SettledAsync();
        await _clock.UntilAsync(() => next.IsCompleted, TimeSpan.FromSeconds(30), TimeSpan.FromHours(3));
        var settled = await next;
        return (settled.Settlement.DueAt is { } due ? (due - settled.At).TotalSeconds : 0, settled.Settlement);
    }

    private Dispatcher Start(ILedger ledger, params IAlertSink[] sinks) => Start(ledger, Routes(sinks));

    private Dispatcher Start(ILedger ledger, params SinkRoute[] routes) => Start(ledger, Options, routes);

    private Dispatcher Start(ILedger ledger, DispatcherOptions options, params SinkRoute[] routes)
    {
        var dispatcher = new Dispatcher(ledger, routes, options, _clock, new Highest(), _notices);
        Run(dispatcher);
        return dispatcher;
    }

    private Dispatcher Make(ILedger ledger, params IAlertSink[] sinks) => Make(ledger, Routes(sinks));

    private Dispatcher Make(ILedger ledger, params SinkRoute[] routes) => new(ledger, routes, Options, _clock, new Highest(), _notices);

    private void Run(Dispatcher dispatcher) => _running.Add(dispatcher.RunAsync(_stopping.Token));

    private static SinkRoute[] Routes(IAlertSink[] sinks) => [.. sinks.Select(sink => new SinkRoute(sink, Level.Informational))];

    private static async ValueTask<SinkAnswer> Forever(CancellationToken cancellation)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        return SinkAnswer.Delivered;
    }

    private static string NameOf(Alert alert) => alert.Events[0].EventId!;

    /// <summary>Takes ten alerts in one call.</summary>
    private sealed class BatchedSink(Func<Dispatch, SinkAnswer> answer) : IBatchSink
    {
        public string Name => "sink";

        public int Concurrency => 10;

        /// <summary>The alerts of each call.</summary>
        public List<List<string>> Calls { get; } = [];

        public async ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation) => (await SendBatchAsync([dispatch], cancellation))[0];

        public ValueTask<IReadOnlyList<SinkAnswer>> SendBatchAsync(IReadOnlyList<Dispatch> dispatches, CancellationToken cancellation)
        {
            Calls.Add([.. dispatches.Select(dispatch => NameOf(dispatch.Alert))]);
            return ValueTask.FromResult<IReadOnlyList<SinkAnswer>>([.. dispatches.Select(answer)]);
        }
    }

    /// <summary>Spreads nothing: the whole back-off.</summary>
    private sealed class Highest : Random
    {
        public override double NextDouble() => 1;
    }
}

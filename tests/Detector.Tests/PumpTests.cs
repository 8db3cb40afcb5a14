using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
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

public sealed class PumpTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(Stage.Start.AddDays(1));
    private readonly NoticeList _notices = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly FakeSource _source = new();
    private readonly ScriptedSink _sink = ScriptedSink.Answers("sink");
    private readonly TestLedger _ledger;
    private readonly DetectionPipeline _detection;
    private readonly Task _pumping;
    private readonly Task _dispatching;

    public PumpTests()
    {
        _ledger = new TestLedger(_clock);
        var rules = Stage.Rules(("c", "type: event_count, rules: [b], group-by: [user], timespan: 10s, condition: {gte: 2}"));
        _detection = new DetectionPipeline(rules, _source.Lateness, _clock);
        var dispatcher = new Dispatcher(_ledger, [new SinkRoute(_sink, Level.Informational)], new DispatcherOptions(), _clock, new Random(1), _notices);
        _pumping = new Pump(_source, new Judge(rules), _detection, dispatcher, _ledger, _notices).RunAsync(_stopping.Token, _abandon.Token);
        _dispatching = dispatcher.RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _ledger.Before = _ => Task.CompletedTask;
        await _stopping.CancelAsync();
        await Task.WhenAny(Task.WhenAll(_pumping, _dispatching)).WaitAsync(Patience);
        _detection.Dispose();
        _stopping.Dispose();
        _abandon.Dispose();
    }

    [Fact]
    public async Task Batch_AlertAccepted_IsAcknowledged()
    {
        var batch = _source.Send(Record("a1", 0));

        await batch.AcknowledgedAsync();

        Assert.Equal("a1", (await _sink.AskedAsync()).Alert.Events[0].EventId);
    }

    [Theory]
    [InlineData(nameof(ILedger.AcceptAsync))]
    [InlineData(nameof(ILedger.JournalAsync))]
    public async Task Batch_LedgerHasNotAnswered_IsNotAcknowledged(string step)
    {
        var (reached, gate) = Hold(step);

        var batch = _source.Send(Record("a1", 0), Record("b1", 0));
        await reached.WaitAsync(Patience, Cancel);
        var early = batch.Settled;
        gate.SetResult();
        await batch.AcknowledgedAsync();

        Assert.False(early);
    }

    [Fact]
    public async Task Batch_OfNoInterest_IsAcknowledged() => await _source.Send("""{"eventName":"zzz"}""").AcknowledgedAsync();

    [Fact]
    public async Task Batch_Done_IsRememberedBeforeItIsAcknowledged()
    {
        var (step, hold) = Hold("remembers");
        _ledger.SeenList = new SeenList { Before = () => _ledger.Before("remembers") };

        var batch = _source.Send(Record("a1", 0), """{"eventName":"zzz"}""");
        await step.WaitAsync(Patience, Cancel);
        var told = await _sink.AskedAsync();
        var early = batch.Settled;
        hold.SetResult();
        await batch.AcknowledgedAsync();

        Assert.False(early);
        Assert.Equal("a1", told.Alert.Events[0].EventId);
        Assert.Equal([SeenEvent.HourOf(Stage.Start), 0], _ledger.SeenList.Events.Select(seen => seen.Hour));
    }

    [Fact]
    public async Task Batch_UnreadableRecord_IsNotRememberedBecauseItComesAgain()
    {
        _ledger.SeenList = new SeenList();

        await _source.Send(Record("a1", 0), "{\"eventName\": oops").ReturnedAsync();
        await _source.Send("""{"eventName":"zzz"}""").AcknowledgedAsync();

        Assert.Equal(0, Assert.Single(_ledger.SeenList.Events).Hour);
    }

    [Fact]
    public async Task Batch_UnreadableRecord_IsReturnedAndItsNeighboursAreTold()
    {
        var batch = _source.Send(Record("a1", 0), "{\"eventName\": oops", Record("a2", 1));

        await batch.ReturnedAsync();
        var told = new[] { await _sink.AskedAsync(), await _sink.AskedAsync() };

        Assert.Equal(["a1", "a2"], told.Select(dispatch => dispatch.Alert.Events[0].EventId).Order());
        Assert.Single(_ledger.Rejected);
    }

    [Fact]
    public async Task Batch_LedgerFails_IsReturnedAndToldLaterOnce()
    {
        var failures = 1;
        _ledger.Before = method =>
            method == nameof(ILedger.AcceptAsync) && Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("disk") : Task.CompletedTask;

        await _source.Send(Record("a1", 0)).ReturnedAsync();
        await _source.Send(Record("a1", 0)).AcknowledgedAsync();
        await _source.Send(Record("a2", 0)).AcknowledgedAsync();
        var told = new[] { await _sink.AskedAsync(), await _sink.AskedAsync() };

        Assert.Equal(["a1", "a2"], told.Select(dispatch => dispatch.Alert.Events[0].EventId).Order());
        Assert.IsType<IOException>(Assert.Single(_notices.All).Error);
    }

    [Theory]
    [InlineData(nameof(ILedger.AcceptAsync))]
    [InlineData(nameof(ILedger.ForgetAsync))]
    public async Task Correlation_LedgerFailsWhenItFires_IsToldWhenTheLedgerAnswersAgain(string step)
    {
        await _source.Send(Record("b1", 0), Record("b2", 1)).AcknowledgedAsync();
        var failures = 1;
        _ledger.Before = method => method == step && Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("disk") : Task.CompletedTask;

        // The acknowledgement is heard before the pump counts the batch as done: time passes with one of the next looks.
        await UntilAsync(() =>
        {
            _source.Idle();
            return _notices.All.Count == 1;
        });
        _source.Idle();
        var told = await _sink.AskedAsync();
        await _source.Send(Record("a1", 2)).AcknowledgedAsync();
        var next = await _sink.AskedAsync();

        Assert.Equal(AlertKind.Correlation, told.Alert.Kind);
        Assert.Equal("a1", next.Alert.Events[0].EventId);
        Assert.Empty(await _ledger.ReadJournalAsync(Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Idle_WhileABatchIsInFlight_PassesNoTime()
    {
        var (reached, gate) = Hold(nameof(ILedger.JournalAsync));

        var batch = _source.Send(Record("b1", 0));
        await reached.WaitAsync(Patience, Cancel);
        _source.Idle();
        await _source.Send("""{"eventName":"zzz"}""").TakenAsync();
        var held = _detection.Watermark;
        gate.SetResult();
        await batch.AcknowledgedAsync();
        await UntilAsync(() =>
        {
            _source.Idle();
            return _detection.Watermark == _clock.GetUtcNow() - _source.Lateness;
        });

        Assert.Equal(DateTimeOffset.MinValue, held);
    }

    [Fact]
    public async Task Stop_BatchesInFlight_EndFirst()
    {
        var (reached, gate) = Hold(nameof(ILedger.AcceptAsync));
        var batch = _source.Send(Record("a1", 0));
        await reached.WaitAsync(Patience, Cancel);

        await _stopping.CancelAsync();
        var early = _pumping.IsCompleted;
        gate.SetResult();
        await _pumping.WaitAsync(Patience, Cancel);

        Assert.False(early);
        await batch.AcknowledgedAsync();
    }

    [Fact]
    public async Task Abandon_BatchInFlight_IsReturned()
    {
        var (reached, _) = Hold(nameof(ILedger.AcceptAsync));
        var batch = _source.Send(Record("a1", 0));
        await reached.WaitAsync(Patience, Cancel);

        await _stopping.CancelAsync();
        await _abandon.CancelAsync();
        await batch.ReturnedAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _pumping.WaitAsync(Patience, Cancel));
    }

    [Fact]
    public async Task Receipt_CannotBeReturned_TheOthersGoOn()
    {
        await _source.Send(new FakeReceipt { Fails = true }, "{\"eventName\": oops").TakenAsync();

        await _source.Send(Record("a1", 0)).AcknowledgedAsync();
        await UntilAsync(() =>
        {
            _source.Idle();
            return _detection.Watermark > Stage.Start.AddHours(1);
        });

        Assert.Contains(_notices.All, notice => notice.Error is InvalidOperationException);
    }

    [Fact]
    public async Task Start_HitsInTheJournal_AreJudgedOn()
    {
        await _source.Send(Record("b1", 0)).AcknowledgedAsync();
        await _stopping.CancelAsync();
        await _pumping.WaitAsync(Patience, Cancel);
        var rules = Stage.Rules(("c", "type: event_count, rules: [b], group-by: [user], timespan: 10s, condition: {gte: 2}"));
        using var detection = new DetectionPipeline(rules, TimeSpan.Zero, _clock);
        var dispatcher = new Dispatcher(_ledger, [], new DispatcherOptions(), _clock, new Random(1), _notices);
        var source = new FakeSource();
        using var stopping = new CancellationTokenSource();

        var pumping = new Pump(source, new Judge(rules), detection, dispatcher, _ledger, _notices).RunAsync(stopping.Token);
        await source.Send(Record("b2", 5)).AcknowledgedAsync();
        await UntilAsync(() =>
        {
            source.Idle();
            return detection.Watermark > Stage.Start.AddSeconds(5);
        });
        await stopping.CancelAsync();
        await pumping.WaitAsync(Patience, Cancel);

        Assert.Empty(await _ledger.ReadJournalAsync(Cancel).ToListAsync(Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Record(string id, int second) => Stage.Record(id, second, "x", "");

    /// <summary>Holds the ledger's next call of a method up.</summary>
    private (Task Reached, TaskCompletionSource Gate) Hold(string step)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ledger.Before = method =>
        {
            if (method != step)
            {
                return Task.CompletedTask;
            }
            reached.TrySetResult();
            return gate.Task;
        };
        return (reached.Task, gate);
    }

    private sealed class FakeSource : IEventSource
    {
        private readonly Channel<EventBatch> _batches = Channel.CreateUnbounded<EventBatch>();

        public string Name => "fake";

        public TimeSpan Lateness => TimeSpan.FromMinutes(2);

        public FakeReceipt Send(params string[] records) => Send(new FakeReceipt(), records);

        public FakeReceipt Send(FakeReceipt receipt, params string[] records)
        {
            _batches.Writer.TryWrite(new EventBatch("fake:1", Encoding.UTF8.GetBytes(string.Join('\n', records)), receipt));
            return receipt;
        }

        public void Idle() => _batches.Writer.TryWrite(EventBatch.Idle);

        public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
        {
            while (!stopping.IsCancellationRequested)
            {
                EventBatch batch;
                try
                {
                    batch = await _batches.Reader.ReadAsync(stopping);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }
                (batch.Receipt as FakeReceipt)?.Take();
                yield return batch;
            }
        }
    }

    private sealed class FakeReceipt : Receipt
    {
        private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<bool> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Fails { get; init; }

        public bool Settled => _settled.Task.IsCompleted;

        public void Take() => _taken.TrySetResult();

        public Task TakenAsync() => _taken.Task.WaitAsync(Patience);

        public async Task AcknowledgedAsync() => Assert.True(await _settled.Task.WaitAsync(Patience), "the batch was returned");

        public async Task ReturnedAsync() => Assert.False(await _settled.Task.WaitAsync(Patience), "the batch was acknowledged");

        public override ValueTask AckAsync(CancellationToken cancellation)
        {
            _settled.SetResult(true);
            return ValueTask.CompletedTask;
        }

        public override ValueTask ReturnAsync(CancellationToken cancellation)
        {
            if (Fails)
            {
                throw new InvalidOperationException("the queue is gone");
            }
            _settled.SetResult(false);
            return ValueTask.CompletedTask;
        }
    }
}

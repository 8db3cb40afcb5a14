using System.Collections.Concurrent;
using System.Diagnostics;
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
using Activity = System.Diagnostics.Activity;

namespace Detector.Tests;

public sealed class PipelineWatchTests
{
    [Fact]
    public async Task Run_OneEventThatAlerts_IsToldStepByStep()
    {
        var watch = new Diary();

        await RunAsync(watch, ScriptedSink.Answers("sink"), Record("a1"));

        Assert.Equal(["received", "judged 1", "accepted a1", "concluded 1", "settled True", "answered Delivered"], watch.Told.Order(Steps));
    }

    [Fact]
    public async Task Run_RecordThatCannotBeRead_IsSettledAsReturned()
    {
        var watch = new Diary();

        await RunAsync(watch, ScriptedSink.Answers("sink"), "{\"eventName\": oops");

        Assert.Contains("settled False", watch.Told);
    }

    [Fact]
    public async Task Run_SeveralWatches_AreAllTold()
    {
        var (first, second) = (new Diary(), new Diary());

        await RunAsync(PipelineWatch.All(first, second), ScriptedSink.Answers("sink"), Record("a1"));

        Assert.NotEmpty(first.Told);
        Assert.Equal(first.Told.Order(Steps), second.Told.Order(Steps));
    }

    [Fact]
    public async Task Trace_OneEventThatAlerts_LeadsFromItsBatchToItsDelivery()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Tracing.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var origin = $"origin {Guid.NewGuid()}"; // other tests' pumps are heard as well

        await RunAsync(PipelineWatch.None, ScriptedSink.Answers("sink"), Record("a1"), origin);

        var batch = Assert.Single(spans, span => origin.Equals(span.GetTagItem("detector.origin")));
        var way = spans.Where(span => span.TraceId == batch.TraceId).ToArray();
        Assert.Equal(["batch", "conclude", "deliver", "match"], way.Select(span => span.OperationName).Order());
        Assert.Equal("sink", way.Single(span => span.OperationName == "deliver").GetTagItem("detector.sink"));
    }

    private static readonly Comparer<string> Steps = Comparer<string>.Create((a, b) => Rank(a).CompareTo(Rank(b)));

    private static int Rank(string told) => Array.IndexOf(["received", "judged", "accepted", "concluded", "settled", "answered"], told.Split(' ')[0]);

    private static string Record(string id) => Stage.Record(id, 0, "x", "");

    /// <summary>Lets one batch go the whole way, delivery included.</summary>
    private static async Task RunAsync(PipelineWatch watch, ScriptedSink sink, string record, string origin = "test")
    {
        var clock = new FakeTimeProvider(Stage.Start.AddDays(1));
        var rules = Stage.Rules();
        var ledger = new InMemoryLedger(clock);
        using var detection = new DetectionPipeline(rules, TimeSpan.Zero, clock);
        var notices = new NoticeList();
        var routes = new[] { new SinkRoute(sink, Level.Informational) };
        var dispatcher = new Dispatcher(ledger, routes, new DispatcherOptions(), clock, new Random(1), notices, watch);
        using var quiet = new CancellationTokenSource();
        var dispatching = dispatcher.RunAsync(quiet.Token);
        var batch = new EventBatch(origin, Encoding.UTF8.GetBytes(record), Receipt.None);

        await new Pump(new OneBatch(batch), new Judge(rules), detection, dispatcher, ledger, notices, watch).RunAsync(default).WaitAsync(Patience);
        await quiet.CancelAsync();
        await dispatching.WaitAsync(Patience);
    }

    private sealed class OneBatch(EventBatch batch) : IEventSource
    {
        public string Name => "one";

        public TimeSpan Lateness => TimeSpan.Zero;

        public IAsyncEnumerable<EventBatch> ReadAsync(CancellationToken stopping) => AsyncEnumerable.Repeat(batch, 1);
    }

    private sealed class Diary : PipelineWatch
    {
        public ConcurrentQueue<string> Told { get; } = new();

        public override void Received(EventBatch batch) => Told.Enqueue("received");

        public override void Judged(EventBatch batch, in Judgement judgement) => Told.Enqueue($"judged {judgement.Records}");

        public override void Concluded(Outcome outcome) => Told.Enqueue($"concluded {outcome.Findings.Count}");

        public override void Settled(EventBatch batch, bool acknowledged) => Told.Enqueue($"settled {acknowledged}");

        public override void Accepted(Alert alert) => Told.Enqueue($"accepted {alert.Events[0].EventId}");

        public override void Answered(Dispatch dispatch, SinkAnswer answer) => Told.Enqueue($"answered {answer.Outcome}");
    }
}

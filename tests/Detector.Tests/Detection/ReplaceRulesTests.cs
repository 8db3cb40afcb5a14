using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Detection;

/// <summary>Rules exchanged while running: nothing is lost by it, and nothing told twice.</summary>
public sealed class ReplaceRulesTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Start.AddDays(1));
    private readonly InMemoryLedger _ledger;
    private readonly Judge _judge = new(Burst(3));
    private readonly DetectionPipeline _pipeline;
    private readonly List<Finding> _findings = [];

    public ReplaceRulesTests()
    {
        _ledger = new InMemoryLedger(_clock);
        _pipeline = new DetectionPipeline(_judge.Rules, TimeSpan.FromSeconds(10), _clock);
    }

    public void Dispose() => _pipeline.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Replace_InTheMiddleOfASequence_FiresOnceWithTheSameId(int after)
    {
        for (var second = 0; second < 4; second++)
        {
            if (second == after)
                Replace(Burst(3));
            await SendAsync(Call(second));
        }
        await EndAsync();

        var finding = Assert.Single(_findings);
        Assert.Equal(AlertMaker.Of(await FindingWithoutReplaceAsync()).Id, AlertMaker.Of(finding).Id);
    }

    [Fact]
    public async Task Replace_AfterItFired_DoesNotTellItAgain()
    {
        await SendAsync(Call(0), Call(1), Call(2));
        await SendAsync(Call(100));
        Assert.Single(_findings);

        Replace(Burst(3));
        await EndAsync();

        Assert.Single(_findings);
    }

    [Fact]
    public async Task Replace_ConditionThatTheWindowMeetsAlready_Fires()
    {
        await SendAsync(Call(0), Call(1));
        await SendAsync(Call(100));

        Replace(Burst(2));
        await EndAsync();

        Assert.Equal(2, Assert.Single(_findings).Hits.Count);
    }

    [Fact]
    public async Task Replace_LateHitRightAfter_IsStillLate()
    {
        await SendAsync(Call(0), Call(2));
        await SendAsync(Call(100, "other"));

        Replace(Burst(3));
        await SendAsync(Call(1));

        Assert.True(Assert.Single(_findings).Late);
    }

    [Fact]
    public async Task Replace_CorrelationIsGone_ItsHitsAreForgotten()
    {
        await SendAsync(Call(0), Call(1));

        Replace(Matching.Load([("a.yml", Matching.RuleAround("{s: {eventName: Other}, condition: s}"))]));
        await EndAsync();

        Assert.Empty(_findings);
        Assert.Empty(await JournalAsync());
    }

    [Fact]
    public async Task Replace_BatchInFlight_FinishesWithTheRulesThatItBeganWith()
    {
        await SendAsync(Call(0), Call(1));
        var inFlight = _judge.Try(Batch(Call(2)));
        var plain = new Judge(Plain()).Try(Batch(Call(3)));

        Replace(Burst(3));
        await TakeAsync(inFlight);
        await TakeAsync(plain);
        await EndAsync();

        Assert.Equal(["burst", "call"], _findings.Select(finding => finding.Rule.Label).Order());
    }

    [Fact]
    public async Task Replace_OutcomeGivenBack_IsPartOfTheNext()
    {
        await SendAsync(Call(0), Call(1), Call(2));
        _pipeline.GiveBack(_pipeline.Idle());

        Replace(Burst(3));
        await EndAsync();

        Assert.Single(_findings);
    }

    [Fact]
    public async Task Pump_ReplacedBetweenBatches_DeliversTheCorrelationOnce()
    {
        var source = new ChannelSource();
        var sink = new Collector();
        var dispatcher = new Dispatcher(_ledger, [new SinkRoute(sink, Level.Informational)], new DispatcherOptions(), _clock, new Random(1), new Silence());
        var pump = new Pump(source, _judge, _pipeline, dispatcher, _ledger, new Silence());
        using var stop = new CancellationTokenSource();
        var dispatching = dispatcher.RunAsync(stop.Token);
        var pumping = pump.RunAsync(CancellationToken.None, TestContext.Current.CancellationToken);

        // One after the other: batches in flight together are judged in no order, and the last would make the others late.
        await source.SendAndAwaitAsync(Call(0), Call(1));
        pump.Replace(Burst(3));
        await source.SendAndAwaitAsync(Call(2));
        await source.SendAndAwaitAsync(Call(1), Call(200));
        source.Complete();
        await pumping;
        await dispatcher.EmptyAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await dispatching;

        Assert.Equal("burst", Assert.Single(sink.Alerts).Rule.Name);
    }

    private static async Task<Finding> FindingWithoutReplaceAsync()
    {
        using var other = new ReplaceRulesTests();
        for (var second = 0; second < 4; second++)
            await other.SendAsync(Call(second));
        await other.EndAsync();
        return Assert.Single(other._findings);
    }

    private void Replace(RuleSet rules)
    {
        _pipeline.Replace(rules);
        _judge.Replace(rules);
    }

    private async Task SendAsync(params string[] records) => await TakeAsync(_judge.Try(Batch(records)));

    private async Task TakeAsync(Judgement judgement)
    {
        var journaled = await _ledger.JournalAsync(_pipeline.ForJournal(judgement), default);
        await ConcludeAsync(_pipeline.Take(judgement, journaled, null));
    }

    private async Task EndAsync()
    {
        _clock.Advance(TimeSpan.FromDays(1));
        await ConcludeAsync(_pipeline.Idle());
    }

    private async Task ConcludeAsync(Outcome outcome)
    {
        _findings.AddRange(outcome.Findings);
        await _ledger.JournalAsync(outcome.Journal, default);
        await _ledger.ForgetAsync(outcome.Forgotten, default);
    }

    private async Task<List<JournaledHit>> JournalAsync()
    {
        var hits = new List<JournaledHit>();
        await foreach (var hit in _ledger.ReadJournalAsync(TestContext.Current.CancellationToken))
            hits.Add(hit);
        return hits;
    }

    private static RuleSet Burst(int events) =>
        Matching.Load([
            ("call.yml", "name: call\n" + Matching.RuleAround("{s: {eventName: Call}, condition: s}")),
            (
                "burst.yml",
                $"title: b\nname: burst\ncorrelation: {{type: event_count, rules: [call], group-by: [awsRegion], timespan: 1m, condition: {{gte: {events}}}}}\n"
            ),
        ]);

    private static RuleSet Plain() => Matching.Load([("call.yml", "name: call\n" + Matching.RuleAround("{s: {eventName: Call}, condition: s}"))]);

    private static EventBatch Batch(params string[] records) => Batch(Receipt.None, records);

    private static EventBatch Batch(Receipt receipt, params string[] records) => new("test", Encoding.UTF8.GetBytes(string.Join('\n', records)), receipt);

    private static string Call(int second, string region = "eu-west-1") =>
        $$"""{"eventID": "{{second}}", "eventName": "Call", "awsRegion": "{{region}}", "eventTime": "{{Start.AddSeconds(second).ToString(
            "yyyy-MM-dd'T'HH:mm:ss'Z'",
            CultureInfo.InvariantCulture
        )}}"}""";

    private sealed class Silence : IProgress<Notice>
    {
        public void Report(Notice value) { }
    }

    private sealed class Collector : IAlertSink
    {
        public List<Alert> Alerts { get; } = [];

        public string Name => "collector";

        public int Concurrency => 1;

        public ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
        {
            Alerts.Add(dispatch.Alert);
            return ValueTask.FromResult(SinkAnswer.Delivered);
        }
    }

    /// <summary>Tells when a batch is done.</summary>
    private sealed class Done : Receipt
    {
        private readonly TaskCompletionSource _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Acknowledged => _acknowledged.Task;

        public override ValueTask AckAsync(CancellationToken cancellation)
        {
            _acknowledged.SetResult();
            return ValueTask.CompletedTask;
        }

        public override ValueTask ReturnAsync(CancellationToken cancellation) => AckAsync(cancellation);
    }

    /// <summary>Yields batches one by one, each when the one before it is done.</summary>
    private sealed class ChannelSource : IEventSource
    {
        private readonly Channel<EventBatch> _batches = Channel.CreateUnbounded<EventBatch>();

        public string Name => "test";

        public TimeSpan Lateness => TimeSpan.FromSeconds(10);

        public async Task SendAndAwaitAsync(params string[] records)
        {
            var done = new Done();
            await _batches.Writer.WriteAsync(Batch(done, records));
            await done.Acknowledged;
        }

        public void Complete() => _batches.Writer.Complete();

        public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
        {
            await foreach (var batch in _batches.Reader.ReadAllAsync(CancellationToken.None))
                yield return batch;
        }
    }
}

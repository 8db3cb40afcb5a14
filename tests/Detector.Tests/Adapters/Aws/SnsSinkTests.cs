using Detector.Adapters.Aws;
using Detector.Core;
using Detector.Core.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Aws;

public class SnsSinkTests
{
    private const string Topic = "arn:aws:sns:us-east-1:111122223333:alerts";

    private readonly FakeTimeProvider _clock = new();
    private readonly List<Notice> _notices = [];

    [Fact]
    public async Task SendAsync_Published_IsDelivered()
    {
        var answer = await SendAsync(new PublishAnswer(PublishFate.Published, "m-1"));

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task SendAsync_NotNow_IsRetriedInTheDispatchersOwnTime()
    {
        var answer = await SendAsync(new PublishAnswer(PublishFate.NotNow, null, "Throttled", "Throttled (HTTP 400): slow down"));

        Assert.Equal((SinkOutcome.Retry, null), (answer.Outcome, answer.After));
        Assert.Equal(NoticeSeverity.Warning, Assert.Single(_notices).Severity);
    }

    [Fact]
    public async Task SendAsync_TopicGone_IsRetriedSlowlyAndToldOfOnce()
    {
        var gone = new PublishAnswer(PublishFate.Misconfigured, null, "NotFound", "NotFound (HTTP 404): Topic does not exist");

        var answer = await SendAsync(gone, gone, gone);

        Assert.Equal((SinkOutcome.Retry, TimeSpan.FromMinutes(2)), (answer.Outcome, answer.After));
        Assert.Equal(NoticeSeverity.Error, Assert.Single(_notices).Severity);
    }

    [Fact]
    public async Task SendAsync_ContentRejected_IsRefused()
    {
        var answer = await SendAsync(new PublishAnswer(PublishFate.Rejected, null, "InvalidParameter", "Invalid parameter: Message"));

        Assert.Equal((SinkOutcome.Refused, "Invalid parameter: Message"), (answer.Outcome, answer.Reason));
    }

    [Fact]
    public async Task SendAsync_NoAnswer_IsRetriedAfterBoundedTime()
    {
        var sink = Sink((_, cancellation) => Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => default(PublishAnswer), cancellation));

        var sending = sink.SendAsync(new Dispatch(AlertSamples.Root, "sns", 1), CancellationToken.None).AsTask();
        await _clock.UntilAsync(() => sending.IsCompleted, TimeSpan.FromSeconds(5), most: TimeSpan.FromMinutes(5));

        Assert.Equal(SinkOutcome.Retry, (await sending).Outcome);
    }

    [Fact]
    public async Task SendBatchAsync_PartlyFails_AnswersForEachByItself()
    {
        var topic = new FakeTopic(batch: _ =>
            [
                new PublishAnswer(PublishFate.Published, "m-1"),
                new PublishAnswer(PublishFate.NotNow, null, "InternalError", "InternalError: try later"),
                new PublishAnswer(PublishFate.Rejected, null, "InvalidParameter", "InvalidParameter: Message"),
            ]
        );

        var answers = await Sink(topic).SendBatchAsync(Dispatches(3), CancellationToken.None);

        Assert.Equal([SinkOutcome.Delivered, SinkOutcome.Retry, SinkOutcome.Refused], answers.Select(answer => answer.Outcome));
        Assert.Equal(NoticeSeverity.Warning, Assert.Single(_notices).Severity);
        Assert.Equal([3], topic.Batches);
    }

    [Fact]
    public async Task SendBatchAsync_AlertsThatAreTogetherTooLarge_GoInSeveralCallsAndAllArrive()
    {
        var topic = new FakeTopic();
        var large = Dispatches(10, targets: 300);

        var answers = await Sink(topic).SendBatchAsync(large, CancellationToken.None);

        Assert.All(answers, answer => Assert.Equal(SinkOutcome.Delivered, answer.Outcome));
        Assert.Equal(10, topic.Batches.Sum());
        Assert.InRange(topic.Batches.Count, 2, 9);
        Assert.All(topic.Sizes, size => Assert.InRange(size, 1, TopicMessage.MaxBytes));
    }

    [Fact]
    public async Task SendBatchAsync_CallRefusedAsAWhole_EachIsSentByItself()
    {
        var refused = new PublishAnswer(PublishFate.Rejected, null, "InvalidParameter", "InvalidParameter: Message");
        var topic = new FakeTopic(
            (message, _) =>
                Task.FromResult(message.Bodies.Contains("poison", StringComparison.Ordinal) ? refused : new PublishAnswer(PublishFate.Published, "m")),
            batch => [.. batch.Select(_ => refused)]
        );
        var poison = Dispatches(1)[0] with { Alert = AlertSamples.Root with { Group = "poison" } };

        var answers = await Sink(topic).SendBatchAsync([.. Dispatches(2), poison], CancellationToken.None);

        Assert.Equal([SinkOutcome.Delivered, SinkOutcome.Delivered, SinkOutcome.Refused], answers.Select(answer => answer.Outcome));
    }

    [Fact]
    public async Task SendBatchAsync_NoAnswer_IsRetriedForEachAfterBoundedTime()
    {
        var topic = new FakeTopic(batchAsync: cancellation => Task.Delay(Timeout.Infinite, cancellation));

        var sending = Sink(topic).SendBatchAsync(Dispatches(2), CancellationToken.None).AsTask();
        await _clock.UntilAsync(() => sending.IsCompleted, TimeSpan.FromSeconds(5), most: TimeSpan.FromMinutes(5));

        Assert.Equal([SinkOutcome.Retry, SinkOutcome.Retry], (await sending).Select(answer => answer.Outcome));
    }

    [Theory]
    [InlineData("arn:aws:sns:us-east-1:111122223333:alerts", true)]
    [InlineData("arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts", true)]
    [InlineData("arn:aws:sns:us-east-1:111122223333:alerts.fifo", true)]
    [InlineData("arn:aws:sqs:us-east-1:111122223333:alerts", false)]
    [InlineData("arn:aws:sns:us-east-1:111122223333:alerts:subscription", false)]
    [InlineData("alerts", false)]
    public void WhatIsWrongWith_Arn_OnlyTopicsPass(string arn, bool right) => Assert.Equal(right, SnsSink.WhatIsWrongWith(arn) is null);

    private async Task<SinkAnswer> SendAsync(params PublishAnswer[] answers)
    {
        var next = new Queue<PublishAnswer>(answers);
        var sink = Sink((_, _) => Task.FromResult(next.Dequeue()));
        var answer = default(SinkAnswer);
        while (next.Count > 0)
            answer = await sink.SendAsync(new Dispatch(AlertSamples.Root, "sns", 1), CancellationToken.None);
        return answer;
    }

    private SnsSink Sink(Func<TopicMessage, CancellationToken, Task<PublishAnswer>> publish) => Sink(new FakeTopic(publish));

    private SnsSink Sink(FakeTopic topic) => new(topic, Topic, _clock, new List(_notices));

    private static List<Dispatch> Dispatches(int count, int targets = 1) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new Dispatch(
                    AlertSamples.Root with
                    {
                        Id = AlertId.Of($"{i}"),
                        Facts = AlertSamples.Root.Facts with { Targets = [.. Enumerable.Repeat(new string('x', 200), targets)] },
                    },
                    "sns",
                    1
                )),
        ];

    private sealed class FakeTopic(
        Func<TopicMessage, CancellationToken, Task<PublishAnswer>>? publish = null,
        Func<IReadOnlyList<TopicMessage>, IReadOnlyList<PublishAnswer>>? batch = null,
        Func<CancellationToken, Task>? batchAsync = null
    ) : IAlertTopic
    {
        private static readonly PublishAnswer Published = new(PublishFate.Published, "m");

        /// <summary>How many messages each call had.</summary>
        public List<int> Batches { get; } = [];

        /// <summary>How large each call was.</summary>
        public List<int> Sizes { get; } = [];

        public Task<PublishAnswer> PublishAsync(TopicMessage message, CancellationToken cancellation)
        {
            Batches.Add(1);
            return publish?.Invoke(message, cancellation) ?? Task.FromResult(Published);
        }

        public async Task<IReadOnlyList<PublishAnswer>> PublishBatchAsync(IReadOnlyList<TopicMessage> messages, CancellationToken cancellation)
        {
            Batches.Add(messages.Count);
            Sizes.Add(messages.Sum(message => message.Size));
            if (batchAsync is not null)
                await batchAsync(cancellation);
            return batch?.Invoke(messages) ?? [.. messages.Select(_ => Published)];
        }
    }

    private sealed class List(List<Notice> heard) : IProgress<Notice>
    {
        public void Report(Notice value) => heard.Add(value);
    }
}

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

    private SnsSink Sink(Func<TopicMessage, CancellationToken, Task<PublishAnswer>> publish) => new(new FakeTopic(publish), Topic, _clock, new List(_notices));

    private sealed class FakeTopic(Func<TopicMessage, CancellationToken, Task<PublishAnswer>> publish) : IAlertTopic
    {
        public Task<PublishAnswer> PublishAsync(TopicMessage message, CancellationToken cancellation) => publish(message, cancellation);
    }

    private sealed class List(List<Notice> heard) : IProgress<Notice>
    {
        public void Report(Notice value) => heard.Add(value);
    }
}

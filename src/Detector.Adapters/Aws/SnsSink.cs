using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Aws;

/// <summary>
/// Publishes alerts to an SNS topic. What only an operator can mend (a topic that is gone, a permission) is retried slowly and told of, for an
/// alert that is refused is lost; only content that SNS does not take is refused.
/// </summary>
public sealed class SnsSink : IDigestSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WaitForOperator = TimeSpan.FromMinutes(2);

    private readonly IAlertTopic _topic;
    private readonly string _topicArn;
    private readonly TimeProvider _time;
    private readonly Trouble _trouble;

    /// <param name="topic">The client.</param>
    /// <param name="topicArn">A standard topic, to page people; or a FIFO topic, which reaches SQS queues only.</param>
    /// <param name="time">For the delay that the alert tells of.</param>
    /// <param name="notices">Told of troubles with the topic.</param>
    /// <exception cref="ArgumentException">The ARN is not that of a topic.</exception>
    public SnsSink(IAlertTopic topic, string topicArn, TimeProvider time, IProgress<Notice> notices)
    {
        if (WhatIsWrongWith(topicArn) is { } wrong)
            throw new ArgumentException(wrong, nameof(topicArn));
        (_topic, _topicArn, _time) = (topic, topicArn, time);
        _trouble = new Trouble(Name, $"publishing to {topicArn}", notices, time);
    }

    /// <inheritdoc/>
    public string Name => "sns";

    /// <inheritdoc/>
    public int Concurrency => 4;

    /// <summary>Why a text cannot be the ARN of a topic for alerts; null if it can.</summary>
    public static string? WhatIsWrongWith(string topicArn)
    {
        var parts = topicArn.Split(':');
        if (parts is not ["arn", { Length: > 0 }, "sns", { Length: > 0 }, { Length: > 0 }, { Length: > 0 }])
            return "is not the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:111122223333:alerts";
        return null;
    }

    /// <inheritdoc/>
    public ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation) =>
        PublishAsync(SnsMessage.Of(_topicArn, dispatch, _time.GetUtcNow()), cancellation);

    /// <inheritdoc/>
    public ValueTask<SinkAnswer> SendDigestAsync(Digest digest, CancellationToken cancellation) => PublishAsync(SnsMessage.Of(_topicArn, digest), cancellation);

    private async ValueTask<SinkAnswer> PublishAsync(TopicMessage message, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            return Judge(await _topic.PublishAsync(message, either.Token));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return SinkAnswer.Retry("stopped");
        }
        catch (OperationCanceledException)
        {
            return Judge(new PublishAnswer(PublishFate.NotNow, null, "timeout", $"no answer from SNS within {Patience.TotalSeconds} s"));
        }
    }

    private SinkAnswer Judge(PublishAnswer answer)
    {
        switch (answer.Fate)
        {
            case PublishFate.Published:
                _trouble.Mended();
                return SinkAnswer.Delivered;
            case PublishFate.NotNow:
                _trouble.Failed(new AwsFault(answer.Code, answer.Reason, NeedsSomebody: false));
                return SinkAnswer.Retry(answer.Reason);
            case PublishFate.Misconfigured:
                _trouble.Failed(new AwsFault(answer.Code, answer.Reason, NeedsSomebody: true));
                return SinkAnswer.Retry(answer.Reason, WaitForOperator);
            default:
                return SinkAnswer.Refused(answer.Reason);
        }
    }
}

using Detector.Adapters.Enrichers;
using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Aws;

/// <summary>
/// Publishes alerts to an SNS topic. What only an operator can mend (a topic that is gone, a permission) is retried slowly and told of, for an
/// alert that is refused is lost; only content that SNS does not take is refused.
/// </summary>
public sealed class SnsSink : IDigestSink, IBatchSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WaitForOperator = TimeSpan.FromMinutes(2);

    private readonly IAlertTopic _topic;
    private readonly string _topicArn;
    private readonly TimeProvider _time;
    private readonly Enrichment _enrichment;
    private readonly Trouble _trouble;

    /// <param name="topic">The client.</param>
    /// <param name="topicArn">A standard topic, to page people; or a FIFO topic, which reaches SQS queues only.</param>
    /// <param name="time">For the delay that the alert tells of.</param>
    /// <param name="notices">Told of troubles with the topic.</param>
    /// <param name="enrichment">Finds out what people are told besides; nothing if null.</param>
    /// <exception cref="ArgumentException">The ARN is not that of a topic.</exception>
    public SnsSink(IAlertTopic topic, string topicArn, TimeProvider time, IProgress<Notice> notices, Enrichment? enrichment = null)
    {
        if (WhatIsWrongWith(topicArn) is { } wrong)
            throw new ArgumentException(wrong, nameof(topicArn));
        (_topic, _topicArn, _time, _enrichment) = (topic, topicArn, time, enrichment ?? Enrichment.None);
        _trouble = new Trouble(Name, $"publishing to {topicArn}", notices, time);
    }

    /// <inheritdoc/>
    public string Name => "sns";

    /// <inheritdoc/>
    public int Concurrency => TopicMessage.MostInBatch;

    /// <summary>Why a text cannot be the ARN of a topic for alerts; null if it can.</summary>
    public static string? WhatIsWrongWith(string topicArn)
    {
        var parts = topicArn.Split(':');
        if (parts is not ["arn", { Length: > 0 }, "sns", { Length: > 0 }, { Length: > 0 }, { Length: > 0 }])
            return "is not the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:111122223333:alerts";
        return null;
    }

    /// <summary>Whether a topic keeps an order, and reaches SQS queues only: it pages nobody.</summary>
    public static bool IsFifo(string topicArn) => topicArn.EndsWith(".fifo", StringComparison.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation) =>
        await OneAsync(await MessageAsync(dispatch, cancellation), cancellation);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SinkAnswer>> SendBatchAsync(IReadOnlyList<Dispatch> dispatches, CancellationToken cancellation)
    {
        var answers = new List<SinkAnswer>(dispatches.Count);
        foreach (var batch in Batches(await Task.WhenAll(dispatches.Select(dispatch => MessageAsync(dispatch, cancellation)))))
            answers.AddRange(await ManyAsync(batch, cancellation));
        return answers;
    }

    /// <inheritdoc/>
    public ValueTask<SinkAnswer> SendDigestAsync(Digest digest, CancellationToken cancellation) => OneAsync(SnsMessage.Of(_topicArn, digest), cancellation);

    private async Task<TopicMessage> MessageAsync(Dispatch dispatch, CancellationToken cancellation) =>
        SnsMessage.Of(_topicArn, dispatch, _time.GetUtcNow(), await _enrichment.OfAsync(dispatch.Alert, cancellation));

    /// <summary>As many together as one call takes, by their number and by their size.</summary>
    private static IEnumerable<IReadOnlyList<TopicMessage>> Batches(IEnumerable<TopicMessage> messages)
    {
        var (batch, size) = (new List<TopicMessage>(), 0);
        foreach (var message in messages)
        {
            if (batch.Count > 0 && (batch.Count == TopicMessage.MostInBatch || size + message.Size > TopicMessage.MaxBytes))
            {
                yield return batch;
                (batch, size) = ([], 0);
            }
            batch.Add(message);
            size += message.Size;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    private async ValueTask<SinkAnswer> OneAsync(TopicMessage message, CancellationToken cancellation) =>
        AnswerTo((await AskAsync(async given => [await _topic.PublishAsync(message, given)], 1, cancellation))[0]);

    private async ValueTask<IReadOnlyList<SinkAnswer>> ManyAsync(IReadOnlyList<TopicMessage> batch, CancellationToken cancellation)
    {
        if (batch is [var one])
            return [await OneAsync(one, cancellation)];
        var answers = await AskAsync(given => _topic.PublishBatchAsync(batch, given), batch.Count, cancellation);
        if (!answers.All(answer => answer.Fate == PublishFate.Rejected))
            return [.. answers.Select(AnswerTo)];
        // SNS may refuse a whole call for one of its entries: then each is judged for itself, so that none falls with its neighbour.
        var alone = new List<SinkAnswer>(batch.Count);
        foreach (var message in batch)
            alone.Add(await OneAsync(message, cancellation));
        return alone;
    }

    /// <summary>Ends in bounded time, with an answer for each of a number of messages.</summary>
    private async ValueTask<IReadOnlyList<PublishAnswer>> AskAsync(
        Func<CancellationToken, Task<IReadOnlyList<PublishAnswer>>> publish,
        int count,
        CancellationToken cancellation
    )
    {
        using var timeout = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            return Told(await publish(either.Token));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return All("stopped");
        }
        catch (OperationCanceledException)
        {
            return Told(All($"no answer from SNS within {Patience.TotalSeconds} s"));
        }

        PublishAnswer[] All(string why) => [.. Enumerable.Repeat(new PublishAnswer(PublishFate.NotNow, null, "timeout", why), count)];
    }

    /// <summary>Tells the operator: one entry that fails is a trouble, whatever its neighbours do.</summary>
    private IReadOnlyList<PublishAnswer> Told(IReadOnlyList<PublishAnswer> answers)
    {
        var failed = answers.Where(answer => answer.Fate is PublishFate.NotNow or PublishFate.Misconfigured).OrderByDescending(answer => answer.Fate).ToList();
        if (failed.Count > 0)
            _trouble.Failed(failed[0].Code, failed[0].Reason, needsSomebody: failed[0].Fate == PublishFate.Misconfigured);
        else if (answers.Any(answer => answer.Fate == PublishFate.Published))
            _trouble.Mended();
        return answers;
    }

    private static SinkAnswer AnswerTo(PublishAnswer answer) =>
        answer.Fate switch
        {
            PublishFate.Published => SinkAnswer.Delivered,
            PublishFate.NotNow => SinkAnswer.Retry(answer.Reason),
            PublishFate.Misconfigured => SinkAnswer.UntilMended(answer.Reason, WaitForOperator),
            _ => SinkAnswer.Refused(answer.Reason),
        };
}

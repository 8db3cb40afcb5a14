using Amazon.SQS;
using Amazon.SQS.Model;

namespace Detector.Adapters.Aws;

/// <summary>
/// The three calls made to a queue, with the SDK's nulls and batch answers turned into plain lists. A queue given by name is looked up at the
/// first receive, so that a program can start before its queue can be reached.
/// </summary>
internal sealed class SqsQueue(IAmazonSQS sqs, string nameOrUrl, SqsSourceOptions options)
{
    private string? _url = nameOrUrl.Contains("://", StringComparison.Ordinal) ? nameOrUrl : null;

    public string Name { get; } = nameOrUrl[(nameOrUrl.LastIndexOf('/') + 1)..];

    /// <summary>Waits up to <see cref="SqsSourceOptions.WaitTime"/> for messages; empty if there are none.</summary>
    public async Task<IReadOnlyList<Message>> ReceiveAsync(CancellationToken cancellation)
    {
        _url ??= (await sqs.GetQueueUrlAsync(nameOrUrl, cancellation)).QueueUrl;
        var request = new ReceiveMessageRequest
        {
            QueueUrl = _url,
            MaxNumberOfMessages = Math.Min(options.Prefetch, Batcher<Message>.BatchSize),
            WaitTimeSeconds = (int)options.WaitTime.TotalSeconds,
            VisibilityTimeout = (int)options.Visibility.TotalSeconds,
            MessageSystemAttributeNames = [MessageSystemAttributeName.SentTimestamp, MessageSystemAttributeName.ApproximateReceiveCount],
        };
        return (await sqs.ReceiveMessageAsync(request, cancellation)).Messages ?? [];
    }

    public async Task<IReadOnlyList<Undone<SqsReceipt>>> DeleteAsync(IReadOnlyList<SqsReceipt> receipts, CancellationToken cancellation)
    {
        var entries = receipts.Select((receipt, index) => new DeleteMessageBatchRequestEntry(index.ToString(), receipt.Handle)).ToList();
        var response = await sqs.DeleteMessageBatchAsync(new DeleteMessageBatchRequest(_url, entries), cancellation);
        return Undone(receipts, response.Failed);
    }

    public async Task<IReadOnlyList<Undone<VisibilityChange>>> ChangeVisibilityAsync(IReadOnlyList<VisibilityChange> changes, CancellationToken cancellation)
    {
        var entries = changes
            .Select(
                (change, index) =>
                    new ChangeMessageVisibilityBatchRequestEntry(index.ToString(), change.Receipt.Handle)
                    {
                        VisibilityTimeout = (int)change.Visibility.TotalSeconds,
                    }
            )
            .ToList();
        var response = await sqs.ChangeMessageVisibilityBatchAsync(new ChangeMessageVisibilityBatchRequest(_url, entries), cancellation);
        return Undone(changes, response.Failed);
    }

    private static List<Undone<T>> Undone<T>(IReadOnlyList<T> items, List<BatchResultErrorEntry>? failed)
    {
        var undone = new List<Undone<T>>();
        foreach (var entry in failed ?? [])
        {
            if (!int.TryParse(entry.Id, out var index) || index < 0 || index >= items.Count)
                continue;
            var final = entry.SenderFault is true;
            undone.Add(new Undone<T>(items[index], new AwsFault(entry.Code ?? "failed", $"{entry.Code}: {entry.Message}", NeedsSomebody: false), final));
        }
        return undone;
    }
}

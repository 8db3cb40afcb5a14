using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using Detector.Adapters.Files;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// Puts the names of an archive's objects on a queue, as S3 would have told of them. Doing it again does no harm: a ledger takes an alert once.
/// </summary>
public sealed class S3Enqueue(IAmazonSQS sqs, string queueUrl)
{
    private const int Tries = 3;

    /// <summary>Sends one message an object, ten in a call.</summary>
    /// <param name="archive">Its objects.</param>
    /// <param name="bucket">The archive's bucket.</param>
    /// <param name="unreadable">Told of what cannot be listed, and of what the queue does not take.</param>
    /// <param name="cancellation">Ends it; what was sent stays sent.</param>
    /// <returns>How many objects are on the queue.</returns>
    public async Task<long> SendAsync(S3Archive archive, string bucket, Action<UnreadFile> unreadable, CancellationToken cancellation)
    {
        var sent = 0L;
        await foreach (var objects in archive.ObjectsAsync(unreadable, cancellation).Chunk(Batcher<Message>.BatchSize).WithCancellation(cancellation))
        {
            var entries = objects
                .Select((made, number) => new SendMessageBatchRequestEntry(number.ToString(CultureInfo.InvariantCulture), S3Notification.Write(made, bucket)))
                .ToList();
            IReadOnlyList<BatchResultErrorEntry> refused;
            try
            {
                refused = await SendAsync(entries, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                unreadable(new UnreadFile(queueUrl, 0, $"takes no more: {AwsFault.Of(exception).Text}"));
                break;
            }
            sent += entries.Count - refused.Count;
            foreach (var entry in refused)
            {
                var key = objects[int.Parse(entry.Id, CultureInfo.InvariantCulture)].Key;
                unreadable(new UnreadFile($"s3://{bucket}/{key}", 0, $"the queue does not take it: {entry.Code}: {entry.Message}"));
            }
        }
        return sent;
    }

    /// <returns>What was refused.</returns>
    private async Task<IReadOnlyList<BatchResultErrorEntry>> SendAsync(IReadOnlyList<SendMessageBatchRequestEntry> entries, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var answer = await sqs.SendMessageBatchAsync(new SendMessageBatchRequest(queueUrl, [.. entries]), cancellation);
            if (answer.Failed is not [_, ..] failed || tries == Tries)
                return answer.Failed ?? [];
            var again = failed.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
            entries = [.. entries.Where(entry => again.Contains(entry.Id))];
        }
    }
}

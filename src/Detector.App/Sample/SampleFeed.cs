using System.Net.Http.Headers;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace Detector.App.Sample;

/// <summary>Hands the story in where real events come in.</summary>
internal static class SampleFeed
{
    private const int LargestBatch = 10;

    /// <summary>Posts the story to the embedded intake, an envelope a line.</summary>
    /// <exception cref="HttpRequestException">The intake refused it.</exception>
    public static async Task ToIntakeAsync(HttpClient http, Uri intake, IReadOnlyList<byte[]> story, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent([.. story.SelectMany(envelope => envelope.Append((byte)'\n'))]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var answer = await http.PostAsync(intake, content, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Sends the story to a queue, each envelope a message of its own.</summary>
    /// <exception cref="AmazonSQSException">The queue did not take all of it.</exception>
    public static async Task ToQueueAsync(IAmazonSQS sqs, Uri queue, IReadOnlyList<byte[]> story, CancellationToken cancellation)
    {
        foreach (var envelopes in story.Chunk(LargestBatch))
        {
            var entries = envelopes.Select((envelope, index) => new SendMessageBatchRequestEntry($"{index}", Encoding.UTF8.GetString(envelope)));
            var answer = await sqs.SendMessageBatchAsync(new SendMessageBatchRequest(queue.OriginalString, [.. entries]), cancellation);
            if (answer.Failed is [var failed, ..])
                throw new AmazonSQSException($"the queue refused an envelope of the story: {failed.Message}");
        }
    }
}

using System.Net.Http.Headers;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace Detector.App.Sample;

/// <summary>Hands the story in where real events come in, each envelope a message of its own.</summary>
internal static class SampleFeed
{
    private const int LargestBatch = 10;

    /// <summary>Posts the story to the embedded intake.</summary>
    /// <exception cref="HttpRequestException">The intake refused an envelope.</exception>
    public static async Task ToIntakeAsync(HttpClient http, Uri intake, IReadOnlyList<byte[]> story, CancellationToken cancellation)
    {
        foreach (var envelope in story)
        {
            using var content = new ByteArrayContent(envelope) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var answer = await http.PostAsync(intake, content, cancellation);
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Sends the story to a queue.</summary>
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

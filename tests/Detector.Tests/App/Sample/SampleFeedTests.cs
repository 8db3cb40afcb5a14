using System.Net;
using System.Text;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Detector.App.Sample;

namespace Detector.Tests.App.Sample;

public sealed class SampleFeedTests
{
    private static readonly byte[][] Story = [.. Enumerable.Range(0, 23).Select(number => Encoding.UTF8.GetBytes($"{{\"n\":{number}}}"))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ToIntakeAsync_Story_IsPostedAsLinesInOrder()
    {
        using var intake = new Intake(HttpStatusCode.Accepted);
        using var http = new HttpClient(intake);

        await SampleFeed.ToIntakeAsync(http, new Uri("http://127.0.0.1:8787/"), Story, Cancellation);

        Assert.Equal(Story.Select(Encoding.UTF8.GetString), Assert.Single(intake.Bodies).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task ToIntakeAsync_Refused_Throws()
    {
        using var intake = new Intake(HttpStatusCode.RequestEntityTooLarge);
        using var http = new HttpClient(intake);

        await Assert.ThrowsAsync<HttpRequestException>(() => SampleFeed.ToIntakeAsync(http, new Uri("http://127.0.0.1:8787/"), Story, Cancellation));
    }

    [Fact]
    public async Task ToQueueAsync_Story_IsSentInBatchesThatSqsTakes()
    {
        using var sqs = new Queue(refuses: false);

        await SampleFeed.ToQueueAsync(sqs, new Uri("http://localhost/1/q"), Story, Cancellation);

        Assert.Equal([10, 10, 3], sqs.Batches.Select(batch => batch.Entries.Count));
        Assert.Equal(Story.Select(Encoding.UTF8.GetString), sqs.Batches.SelectMany(batch => batch.Entries).Select(entry => entry.MessageBody));
        Assert.All(sqs.Batches, batch => Assert.Distinct(batch.Entries.Select(entry => entry.Id)));
    }

    [Fact]
    public async Task ToQueueAsync_OneEnvelopeRefused_Throws()
    {
        using var sqs = new Queue(refuses: true);

        await Assert.ThrowsAsync<AmazonSQSException>(() => SampleFeed.ToQueueAsync(sqs, new Uri("http://localhost/1/q"), Story, Cancellation));
    }

    private sealed class Intake(HttpStatusCode answer) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("application/x-ndjson", request.Content?.Headers.ContentType?.MediaType);
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage(answer);
        }
    }

    private sealed class Queue(bool refuses) : AmazonSQSClient(new AnonymousAWSCredentials(), new AmazonSQSConfig { ServiceURL = "http://localhost" })
    {
        public List<SendMessageBatchRequest> Batches { get; } = [];

        public override Task<SendMessageBatchResponse> SendMessageBatchAsync(SendMessageBatchRequest request, CancellationToken cancellationToken = default)
        {
            Batches.Add(request);
            return Task.FromResult(new SendMessageBatchResponse { Failed = refuses ? [new BatchResultErrorEntry { Id = "0", Message = "no" }] : null });
        }
    }
}

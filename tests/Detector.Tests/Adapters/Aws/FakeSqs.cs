using System.Collections.Concurrent;
using System.Threading.Channels;
using Amazon;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace Detector.Tests.Adapters.Aws;

/// <summary>A queue that answers as the test says: each receive, delete and change of visibility waits for its next answer.</summary>
internal sealed class FakeSqs() : AmazonSQSClient(new AnonymousAWSCredentials(), RegionEndpoint.USEast1)
{
    private readonly Channel<Func<ReceiveMessageResponse>> _receives = Channel.CreateUnbounded<Func<ReceiveMessageResponse>>();
    private readonly ConcurrentQueue<Func<List<BatchResultErrorEntry>?>> _deletes = new();
    private int _asked;

    public ConcurrentQueue<string[]> Deleted { get; } = new();

    public ConcurrentQueue<(string Handle, int Seconds)> Changed { get; } = new();

    /// <summary>Receives begun so far.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public ReceiveMessageRequest? LastReceive { get; private set; }

    /// <summary>An empty receive has null where its messages would be, as the SDK has it.</summary>
    public void WillReceive(params Message[] messages) =>
        _receives.Writer.TryWrite(() => new ReceiveMessageResponse { Messages = messages.Length == 0 ? null : [.. messages] });

    public void WillFail(Exception exception) => _receives.Writer.TryWrite(() => throw exception);

    /// <summary>The next delete answers so; one without an answer succeeds.</summary>
    public void WillDelete(Func<List<BatchResultErrorEntry>?> answer) => _deletes.Enqueue(answer);

    public static Message Message(string id, int receives = 1) =>
        new()
        {
            MessageId = id,
            ReceiptHandle = $"handle-{id}",
            Body = id,
            Attributes = new(StringComparer.Ordinal) { ["SentTimestamp"] = "1772600767000", ["ApproximateReceiveCount"] = $"{receives}" },
        };

    public override async Task<ReceiveMessageResponse> ReceiveMessageAsync(ReceiveMessageRequest request, CancellationToken cancellationToken = default)
    {
        LastReceive = request;
        Interlocked.Increment(ref _asked);
        return (await _receives.Reader.ReadAsync(cancellationToken))();
    }

    public override Task<DeleteMessageBatchResponse> DeleteMessageBatchAsync(DeleteMessageBatchRequest request, CancellationToken cancellationToken = default)
    {
        Deleted.Enqueue([.. request.Entries.Select(entry => entry.ReceiptHandle)]);
        return Task.FromResult(new DeleteMessageBatchResponse { Failed = _deletes.TryDequeue(out var answer) ? answer() : null });
    }

    public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(
        ChangeMessageVisibilityBatchRequest request,
        CancellationToken cancellationToken = default
    )
    {
        foreach (var entry in request.Entries)
            Changed.Enqueue((entry.ReceiptHandle, entry.VisibilityTimeout ?? -1));
        return Task.FromResult(new ChangeMessageVisibilityBatchResponse());
    }
}

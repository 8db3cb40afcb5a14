using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Detector.Core.Events;

namespace Detector.MassTransit;

/// <summary>
/// Events from any transport that MassTransit speaks. A message counts as consumed when its batch is acknowledged. A returned one fails on
/// the bus, whose own retry policy then decides; without one it goes to the endpoint's <c>_error</c> queue.
/// </summary>
/// <remarks>
/// The delivery guarantee is the transport's. The in-memory transport has none: its <c>Publish</c> is done before the message is consumed,
/// and what it holds is lost with the process.
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="lateness">See <see cref="IEventSource.Lateness"/>; for EventBridge, 2 minutes.</param>
public sealed class MassTransitSource(TimeProvider time, TimeSpan lateness) : IEventSource
{
    /// <summary>After this long without a message the source says that it is idle.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly Channel<EventBatch> _batches = Channel.CreateBounded<EventBatch>(CloudTrailConsumerDefinition.InHand);

    /// <inheritdoc/>
    public string Name => "masstransit";

    /// <inheritdoc/>
    public TimeSpan Lateness => lateness;

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        using var stop = stopping.Register(() => _batches.Writer.TryComplete());
        Task<bool> more;
        do
        {
            while (_batches.Reader.TryRead(out var batch))
                yield return batch;
            // Not cancelled by stopping: what was offered before is still to be yielded.
            more = _batches.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
            while (!await EndsSoonAsync(more))
                yield return EventBatch.Idle;
        } while (await more);
    }

    private async Task<bool> EndsSoonAsync(Task task)
    {
        try
        {
            await task.WaitAsync(Quiet, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Takes a message in hand. Ends when it is acknowledged, and throws when it is returned.</summary>
    internal async Task OfferAsync(string origin, ReadOnlyMemory<byte> content, DateTimeOffset? sentAt, CancellationToken cancellation)
    {
        var receipt = new BusReceipt();
        try
        {
            await _batches.Writer.WriteAsync(new EventBatch(origin, content, receipt, sentAt), cancellation);
        }
        catch (ChannelClosedException)
        {
            // The detector stops. Failing would send the message to the _error queue; held, it goes back when the bus stops.
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellation);
        }
        await receipt.Settled.WaitAsync(cancellation);
    }

    private sealed class BusReceipt : Receipt
    {
        private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Settled => _settled.Task;

        public override ValueTask AckAsync(CancellationToken cancellation)
        {
            _settled.TrySetResult();
            return ValueTask.CompletedTask;
        }

        public override ValueTask ReturnAsync(CancellationToken cancellation)
        {
            _settled.TrySetException(new EventsReturnedException());
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A message could not be done, or holds something unreadable; the log and the ledger tell why.</summary>
public sealed class EventsReturnedException : Exception
{
    /// <summary>Makes one.</summary>
    public EventsReturnedException()
        : base("the detector returned the message") { }
}

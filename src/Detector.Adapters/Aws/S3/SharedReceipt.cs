using Detector.Core.Events;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// One message's receipt for the several objects that it names: acknowledged when every one of them is, returned when all are settled and one could not be done.
/// </summary>
internal sealed class SharedReceipt(Receipt message, int objects)
{
    private int _left = objects;
    private volatile bool _failed;

    /// <summary>A receipt for one of the objects.</summary>
    /// <param name="whole">False if part of the object could not be read: then the message comes again whatever becomes of the rest.</param>
    public Receipt Part(bool whole) => new ObjectReceipt(this, whole);

    /// <summary>Settles one object that never became a batch.</summary>
    public ValueTask FailAsync(CancellationToken cancellation) => SettleAsync(done: false, cancellation);

    private ValueTask SettleAsync(bool done, CancellationToken cancellation)
    {
        if (!done)
            _failed = true;
        return Interlocked.Decrement(ref _left) > 0 ? ValueTask.CompletedTask
            : _failed ? message.ReturnAsync(cancellation)
            : message.AckAsync(cancellation);
    }

    private sealed class ObjectReceipt(SharedReceipt shared, bool whole) : Receipt
    {
        private int _settled;

        public override ValueTask AckAsync(CancellationToken cancellation) => SettleAsync(whole, cancellation);

        public override ValueTask ReturnAsync(CancellationToken cancellation) => SettleAsync(false, cancellation);

        private ValueTask SettleAsync(bool done, CancellationToken cancellation) =>
            Interlocked.Exchange(ref _settled, 1) == 0 ? shared.SettleAsync(done, cancellation) : ValueTask.CompletedTask;
    }
}

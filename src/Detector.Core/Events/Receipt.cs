namespace Detector.Core.Events;

/// <summary>Settles one batch at its source. The lease behind it renews itself until one of the two methods is called. Neither
/// throws: a source that cannot be told deals with that by itself.</summary>
public abstract class Receipt
{
    /// <summary>For sources with nothing to settle, such as files.</summary>
    public static Receipt None { get; } = new NoReceipt();

    /// <summary>
    /// The batch is done: every alert is delivered, refused for good, or durable, and every hit is journaled.
    /// May complete before the source has been told; a batch whose acknowledgement is lost simply comes again.
    /// </summary>
    public abstract ValueTask AckAsync(CancellationToken cancellation);

    /// <summary>
    /// The batch could not be done, or holds something unreadable. The source delivers it again in its own time, and after its own
    /// number of tries sets it aside (SQS: the dead-letter queue).
    /// </summary>
    public abstract ValueTask ReturnAsync(CancellationToken cancellation);

    private sealed class NoReceipt : Receipt
    {
        public override ValueTask AckAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public override ValueTask ReturnAsync(CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}

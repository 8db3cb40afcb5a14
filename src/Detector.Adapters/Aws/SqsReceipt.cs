using Detector.Core.Events;

namespace Detector.Adapters.Aws;

/// <summary>Settles one message: a deletion or a wait until it comes again, handed to the leases, which tell the queue.</summary>
internal sealed class SqsReceipt(SqsLeases leases, string handle, int receives, long since) : Receipt
{
    private int _ended;

    /// <summary>SQS's receipt handle.</summary>
    public string Handle => handle;

    /// <summary>How often the message has been received, this time included.</summary>
    public int Receives => receives;

    /// <summary>When it was received, by the clock that only counts.</summary>
    public long Since => since;

    /// <summary>Whether the lease is still to be renewed: neither settled, nor lost, nor given up.</summary>
    public bool IsHeld => Volatile.Read(ref _ended) == 0;

    public override ValueTask AckAsync(CancellationToken cancellation)
    {
        End();
        leases.Delete(this);
        return ValueTask.CompletedTask;
    }

    public override ValueTask ReturnAsync(CancellationToken cancellation)
    {
        if (End())
            leases.Return(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends renewal. False if it had ended already.</summary>
    public bool End() => Interlocked.Exchange(ref _ended, 1) == 0;
}

/// <summary>How long a message is to stay invisible from now.</summary>
/// <param name="Receipt">Which message.</param>
/// <param name="Visibility">How long.</param>
/// <param name="Renewal">Whether it only prolongs a lease, so is void once the lease has ended.</param>
internal readonly record struct VisibilityChange(SqsReceipt Receipt, TimeSpan Visibility, bool Renewal);

namespace Detector.Core.Delivery;

/// <summary>How deliveries are paced.</summary>
public sealed record DispatcherOptions
{
    /// <summary>The longest wait that a receiver may ask for, half an hour: an absurd one must not bury a sink's alerts.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(30);

    /// <summary>How long a claim holds; a send must end well before. Default one minute.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one send may take. Default 20 seconds; at most half the lease.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The wait after a sink's first failure; it doubles with each further one. Default one second.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between tries. Default two minutes.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a sink with nothing to send waits before it looks again. Only where others write to the same ledger may there be work that nobody told of.
    /// Default for ever.
    /// </summary>
    public TimeSpan LookEvery { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Deliveries pending at which intake waits. Default 100,000.</summary>
    public long OutboxLimit { get; init; } = 100_000;
}

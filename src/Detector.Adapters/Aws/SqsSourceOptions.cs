namespace Detector.Adapters.Aws;

/// <summary>How a queue is read. The defaults suit EventBridge on a standard queue.</summary>
public sealed record SqsSourceOptions
{
    /// <summary>
    /// How long one receive waits for a message; whole seconds, 1 to 20 (SQS's limit). It is also how long an empty queue takes to be known
    /// empty, and the longest that a shutdown waits for a receive in flight. While the queue is empty only one receive is under way, so 5
    /// seconds cost about half a million requests a month; longer is cheaper and slower to stop.
    /// </summary>
    public TimeSpan WaitTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most receives under way at once; 1 to 64. More than one run only while the queue yields messages.</summary>
    public int Receivers { get; init; } = 4;

    /// <summary>The most messages received and not yet taken by the reader; 1 to 10,000. Nothing is asked for without room for it.</summary>
    public int Prefetch { get; init; } = 100;

    /// <summary>
    /// How long a message stays invisible to others without renewal, so also how long the messages of a process that died are delayed; whole
    /// seconds, 5 seconds to 12 hours. Stands above the queue's own setting.
    /// </summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the lease of a message in work is renewed; at most three quarters of <see cref="Visibility"/>, so that a renewal can fail once.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a lease is renewed before the message is given up, and comes again; at least <see cref="Visibility"/>, at most 11 hours (SQS ends
    /// a lease after 12).
    /// </summary>
    public TimeSpan MaxHold { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The longest wait before a returned message comes again; 0 to 15 minutes. The wait is 2, 4, 8 ... seconds by the number of times the
    /// message was received, so that an unreadable one reaches the dead-letter queue in bounded time.
    /// </summary>
    public TimeSpan MaxReturnDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How much later than its eventTime an event may arrive and still be judged in its place; 0 to 24 hours.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What is wrong with the numbers, each with the option's name and the reason; empty if nothing is.</summary>
    public IEnumerable<(string Option, string Reason)> Validate()
    {
        if (!IsWholeSeconds(WaitTime, 1, 20))
            yield return (nameof(WaitTime), "must be whole seconds from 1 to 20");
        if (Receivers is < 1 or > 64)
            yield return (nameof(Receivers), "must be from 1 to 64");
        if (Prefetch is < 1 or > 10_000)
            yield return (nameof(Prefetch), "must be from 1 to 10000");
        if (!IsWholeSeconds(Visibility, 5, 43_200))
            yield return (nameof(Visibility), "must be whole seconds from 5 seconds to 12 hours");
        if (RenewEvery < TimeSpan.FromSeconds(1) || RenewEvery > Visibility * 0.75)
            yield return (
                nameof(RenewEvery),
                $"must be at least 1 second and at most three quarters of {nameof(Visibility)}: a lease renews before it runs out"
            );
        if (MaxHold < Visibility || MaxHold > TimeSpan.FromHours(11))
            yield return (nameof(MaxHold), $"must be at least {nameof(Visibility)} and at most 11 hours");
        if (MaxReturnDelay < TimeSpan.Zero || MaxReturnDelay > TimeSpan.FromMinutes(15))
            yield return (nameof(MaxReturnDelay), "must be from 0 to 15 minutes");
        if (Lateness < TimeSpan.Zero || Lateness > TimeSpan.FromHours(24))
            yield return (nameof(Lateness), "must be from 0 to 24 hours");
    }

    private static bool IsWholeSeconds(TimeSpan value, int least, int most) =>
        value.Ticks % TimeSpan.TicksPerSecond == 0 && value.TotalSeconds >= least && value.TotalSeconds <= most;
}

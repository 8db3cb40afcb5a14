namespace Detector.Core;

/// <summary>How several instances take turns.</summary>
public sealed record CorrelatorOptions
{
    /// <summary>The time between two beats: well below the lease of a turn.</summary>
    public TimeSpan BeatEvery { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>How long to wait for hits when none has come.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// After how long without a beat an instance is dead. What it had in hand comes back from the queue when its visibility ends, and should be here by then: time
    /// waits for it.
    /// </summary>
    public required TimeSpan DeadAfter { get; init; }
}

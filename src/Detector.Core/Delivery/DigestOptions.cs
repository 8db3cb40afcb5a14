namespace Detector.Core.Delivery;

/// <summary>When a sink's alerts are a storm, and how one is told.</summary>
public sealed record DigestOptions
{
    /// <summary>How many alerts of a <see cref="Period"/> are told one by one. Default 20.</summary>
    public int After { get; init; } = 20;

    /// <summary>The time in which they are counted, and the longest that an alert waits for its digest. Default five minutes.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the first digest of a storm waits for more; each following one twice as long, up to <see cref="Period"/>. Default one minute.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A rule that told nothing for so long is a new kind when it fires again. Default one hour.</summary>
    public TimeSpan KindLasts { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The most alerts in one digest. Default 1,000.</summary>
    public int MostAlerts { get; init; } = 1_000;

    /// <summary>The most pairs of a rule and an actor in one digest, so that each is named in a message of any sink. Default 100.</summary>
    public int MostSubjects { get; init; } = 100;
}

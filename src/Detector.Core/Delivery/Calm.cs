namespace Detector.Core.Delivery;

/// <summary>
/// Tells which alerts are no reason to page anybody: people are to know of them, but nothing is won by minutes. They go to the sinks that do not page; only where
/// there is no other do they page all the same, for an alert that nobody gets is worse.
/// </summary>
internal static class Calm
{
    /// <summary>
    /// What happened longer ago comes from a backfill, or from a trail that was delivered very late. A backlog after an outage of the detector or of the queue is
    /// younger: it pages.
    /// </summary>
    public static readonly TimeSpan Old = TimeSpan.FromHours(24);

    /// <summary>
    /// AWS makes these calls itself while it carries out a stack, and writes its own name in place of an address, which no caller can choose. A user agent that
    /// names a tool proves nothing. Source: CloudTrail's record contents, <c>sourceIPAddress</c> and <c>invokedBy</c>.
    /// </summary>
    private static readonly HashSet<string> InfrastructureAsCode = new(StringComparer.Ordinal)
    {
        "cloudformation.amazonaws.com",
        "servicecatalog.amazonaws.com",
        "member.org.stacksets.cloudformation.amazonaws.com",
        "stacksets.cloudformation.amazonaws.com",
    };

    /// <summary>Why an alert need not page, in words; null if it is to.</summary>
    public static string? Reason(Alert alert, DateTimeOffset now) =>
        alert.Time is { } time && now - time > Old ? "it happened more than a day ago"
        : alert.Facts.SourceAddress is { } source && InfrastructureAsCode.Contains(source) ? $"made by {source}, infrastructure as code"
        : null;
}

namespace Detector.Core.Delivery;

/// <summary>
/// Tells which alerts are no reason to page anybody: people are to know of them, but nothing is won by minutes. They go to the sinks that do not page; only where
/// there is no other do they page all the same, for an alert that nobody gets is worse.
/// </summary>
internal static class Calm
{
    /// <summary>
    /// What an archive's file or a late delivery tells of after so long comes from a backfill. A queue's backlog after an outage pages, however old it is: nobody
    /// has heard of it yet.
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
        alert.Time is { } time && now - time > Old && (alert.Late || IsOfAnArchive(alert)) ? "it happened more than a day ago"
        : alert.Facts.SourceAddress is { } source && InfrastructureAsCode.Contains(source) ? $"made by {source}, infrastructure as code"
        : null;

    private static bool IsOfAnArchive(Alert alert) => alert.Events[^1].File.StartsWith("s3://", StringComparison.Ordinal);
}

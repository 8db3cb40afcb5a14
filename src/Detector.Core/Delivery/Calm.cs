using Detector.Core.Rules;

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

    /// <summary>Techniques that blind who watches: nobody's everyday stack does that, and an intruder may well have it done by one.</summary>
    private static readonly string[] Blinding = ["attack.t1562.001", "attack.t1562.006", "attack.t1562.008"];

    /// <summary>Why an alert need not page, in words; null if it is to.</summary>
    public static string? Reason(Alert alert, DateTimeOffset now) =>
        alert.Time is { } time && now - time > Old && (alert.Late || IsOfAnArchive(alert)) ? "it happened more than a day ago"
        : alert.Facts.SourceAddress is { } source && InfrastructureAsCode.Contains(source) && !Blinds(alert) ? $"made by {source}, infrastructure as code"
        : null;

    private static bool Blinds(Alert alert) => alert.Rule.Level >= Level.High && alert.Rule.Tags.Intersect(Blinding, StringComparer.Ordinal).Any();

    /// <summary>Queues and the intake give their batches other names.</summary>
    private static bool IsOfAnArchive(Alert alert)
    {
        var file = alert.Events[^1].File;
        return file.StartsWith("s3://", StringComparison.Ordinal)
            || file.EndsWith(".json", StringComparison.Ordinal)
            || file.EndsWith(".gz", StringComparison.Ordinal)
            || file.EndsWith(".jsonl", StringComparison.Ordinal);
    }
}

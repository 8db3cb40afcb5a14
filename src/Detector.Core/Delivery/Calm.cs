using Detector.Core.Rules;

namespace Detector.Core.Delivery;

/// <summary>
/// Tells which alerts are no reason to page anybody: people are to know of them, but nothing is won by minutes. They go to the sinks that do not page; only where
/// there is no other do they page all the same, for an alert that nobody gets is worse.
/// </summary>
internal static class Calm
{
    /// <summary>
    /// What was handed to us so long after it happened comes from a backfill. How late it is judged says nothing: a backlog after an outage, on the queue or in the
    /// bucket, was handed over in time, and nobody has heard of it yet. EventBridge tries for 24 hours at most to hand an event over, so no event of its is that late.
    /// </summary>
    /// <remarks>Amazon EventBridge user guide, "How EventBridge retries delivering events".</remarks>
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
    public static string? Reason(Alert alert) =>
        alert is { Time: { } time, SentAt: { } sent } && sent - time > Old ? "it was told more than a day after it happened"
        : alert.Facts.SourceAddress is { } source && InfrastructureAsCode.Contains(source) && !Blinds(alert) ? $"made by {source}, infrastructure as code"
        : null;

    private static bool Blinds(Alert alert) => alert.Rule.Level >= Level.High && alert.Rule.Tags.Intersect(Blinding, StringComparer.Ordinal).Any();
}

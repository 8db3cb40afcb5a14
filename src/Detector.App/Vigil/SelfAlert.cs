using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Vigil;

/// <summary>Alerts that the detector raises about its own sight, not about an event. They go the way of all others: through the ledger, to every sink that takes their level.</summary>
internal static class SelfAlert
{
    private static readonly string[] Tags = ["attack.defense-evasion", "attack.t1562.008", "detector.detector-tampering"];

    /// <summary>Nothing has come for longer than is usual.</summary>
    /// <param name="source">Which source is quiet.</param>
    /// <param name="last">When it last gave something; the alert's identity, so one silence is one alert.</param>
    /// <param name="quiet">How long ago that is.</param>
    /// <param name="usual">What the silence is measured by, in words.</param>
    public static Alert Silence(string source, DateTimeOffset last, TimeSpan quiet, string usual) =>
        Of(
            new AlertRule(
                "detector-silence",
                "detector-silence",
                "No events come any more",
                Level.High,
                Tags,
                $"Nothing has come from {source} for {Words.Of(quiet)}; {usual}. A stopped trail, a disabled rule or a changed queue policy looks like this, and nothing is seen meanwhile.",
                "Run detector doctor; it names the broken link. Then replay the hours that were missed."
            ),
            AlertId.Of("self", "silence", source, $"{last.UtcTicks}"),
            source,
            last
        );

    /// <summary>A canary has not come back.</summary>
    /// <param name="source">By which it was to come.</param>
    /// <param name="requestId">Of the call that CloudTrail should have recorded.</param>
    /// <param name="called">When that was.</param>
    /// <param name="waited">How long it was waited for.</param>
    public static Alert CanaryLost(string source, string requestId, DateTimeOffset called, TimeSpan waited) =>
        Of(
            new AlertRule(
                "detector-canary-lost",
                "detector-canary-lost",
                "A call of the detector's own did not come back through CloudTrail",
                Level.High,
                Tags,
                $"Detector called sts:GetCallerIdentity (request {requestId}) and did not see it within {Words.Of(waited)}. Events of other callers may be missing as well.",
                "Run detector doctor; it names the broken link. Check that the rule is in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS."
            ),
            AlertId.Of("self", "canary", requestId),
            source,
            called
        );

    private static Alert Of(AlertRule rule, AlertId id, string source, DateTimeOffset time) =>
        new()
        {
            Id = id,
            Rule = rule,
            Kind = AlertKind.Plain,
            Events = [new AlertEvent(null, time, null, source, 0)],
            Facts = new AlertFacts(),
        };
}

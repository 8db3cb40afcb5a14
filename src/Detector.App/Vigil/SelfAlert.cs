using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Vigil;

/// <summary>Alerts that the detector raises about its own sight, not about an event. They go the way of all others: through the ledger, to every sink that takes their level.</summary>
internal static class SelfAlert
{
    /// <summary>The rule of alerts that tell of a sink.</summary>
    public const string UndeliverableRule = "detector-undeliverable";

    private const string SilenceRule = "detector-silence";
    private const string CanaryRule = "detector-canary-lost";

    /// <summary>The rules of all of them.</summary>
    public static readonly string[] Rules = [SilenceRule, CanaryRule, UndeliverableRule];

    /// <summary>The tags of those that tell of blindness.</summary>
    public static readonly string[] Tags = ["attack.defense-evasion", "attack.t1562.008", "detector.detector-tampering"];

    /// <summary>Nothing has come for longer than is usual.</summary>
    /// <param name="source">Which source is quiet.</param>
    /// <param name="last">When it last gave something; the alert's identity, so one silence is one alert.</param>
    /// <param name="quiet">How long ago that is.</param>
    /// <param name="usual">What the silence is measured by, in words.</param>
    public static Alert Silence(string source, DateTimeOffset last, TimeSpan quiet, string usual) =>
        Of(
            new AlertRule(
                SilenceRule,
                SilenceRule,
                "No events come any more",
                Level.High,
                Tags,
                $"Nothing has come from {source} for {Words.Waited(quiet)}; {usual}. A stopped trail, a disabled rule or a changed queue policy looks like this, and nothing is seen meanwhile.",
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
                CanaryRule,
                CanaryRule,
                "A call of the detector's own did not come back through CloudTrail",
                Level.High,
                Tags,
                $"Detector called sts:GetCallerIdentity (request {requestId}) and did not see it within {Words.Waited(waited)}. Events of other callers may be missing as well.",
                "Run detector doctor; it names the broken link. Check that the rule is in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS."
            ),
            AlertId.Of("self", "canary", requestId),
            source,
            called
        );

    /// <summary>A sink does not take alerts.</summary>
    /// <param name="sink">Which.</param>
    /// <param name="since">Since when; the alert's identity to the hour, so one trouble is one alert.</param>
    /// <param name="reason">What it answers.</param>
    /// <param name="forGood">Whether an alert was refused that will not be sent again.</param>
    public static Alert Undeliverable(string sink, DateTimeOffset since, string reason, bool forGood) =>
        Of(
            new AlertRule(
                UndeliverableRule,
                UndeliverableRule,
                $"Alerts do not reach {sink}",
                Level.High,
                [],
                forGood
                    ? $"{sink} has refused an alert for good: {reason}. It is not sent there again; the ledger keeps it with the reason."
                    : $"{sink} has taken nothing since {since:HH:mm} UTC: {reason}. Its alerts wait in the ledger and are delivered when it takes them again.",
                $"Mend what {sink} says, and read meanwhile what the other sinks got. detector doctor tries each sink."
            ),
            AlertId.Of("self", "undeliverable", sink, $"{since.UtcTicks / TimeSpan.TicksPerHour}"),
            sink,
            since
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

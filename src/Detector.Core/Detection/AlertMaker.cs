using System.Globalization;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>Makes alerts out of hits. An AlertId comes from data alone, so live and replay agree on it.</summary>
internal static class AlertMaker
{
    /// <summary>The alert of a plain rule: one for each event, or one for a group and a period of event time.</summary>
    public static Alert Plain(Hit hit)
    {
        var facts = Facts.Of(hit.Record.Span);
        var (group, bucket) = Quiet(hit);
        return new Alert
        {
            Id = group is null ? AlertId.Of("plain", hit.Rule.Key, hit.Event.Value) : AlertId.Of("suppressed", hit.Rule.Key, group, bucket),
            Rule = About(hit.Rule),
            Kind = AlertKind.Plain,
            Late = facts.Addendum,
            Group = group,
            Events = [EventOf(hit, facts)],
            Facts = facts.ForAlert,
        };
    }

    /// <summary>The alert of a correlation: identified by the first event of its window.</summary>
    public static Alert Correlated(CorrelationRule rule, IReadOnlyList<WaitingHit> hits)
    {
        var newest = Facts.Of(hits[^1].Hit.Record.Span);
        return new Alert
        {
            Id = AlertId.Of("correlation", rule.Key, hits[0].Group, hits[0].Hit.Event.Value),
            Rule = About(rule),
            Kind = AlertKind.Correlation,
            Late = hits.Any(hit => hit.Late),
            Group = hits[0].Group.Length > 0 ? hits[0].Group : null,
            Events = [.. hits.Select(hit => EventOf(hit.Hit, Facts.Of(hit.Hit.Record.Span)))],
            Facts = newest.ForAlert,
        };
    }

    /// <summary>The group and the period in which one alert stands for all; no group if every event alerts.</summary>
    private static (string? Group, string Bucket) Quiet(Hit hit) =>
        hit is { Rule: DetectionRule { Suppression: { } suppression }, Time: { } time }
            ? (new GroupKey(suppression.By).Of(hit.Record.Span), (time.UtcTicks / suppression.Period.Ticks).ToString(CultureInfo.InvariantCulture))
            : (null, "");

    private static AlertRule About(Rule rule) => new(rule.Key, rule.Label, rule.Title, rule.Level, rule.Tags, rule.Description, rule.FirstStep);

    private static AlertEvent EventOf(Hit hit, Facts facts) => new(facts.EventId, hit.Time, facts.ForAlert.EventName, hit.Origin, hit.Index);
}

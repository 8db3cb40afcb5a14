using System.Globalization;
using Detector.Core.Detection;
using Detector.Core.Rules;

namespace Detector.Core.Delivery;

/// <summary>Makes alerts out of findings. An AlertId comes from data alone, so live and replay agree on it.</summary>
internal static class AlertMaker
{
    public static Alert Of(Finding finding) => finding.Rule is CorrelationRule ? Correlated(finding) : Plain(finding);

    /// <summary>The alert of a plain rule: one for each event, or one for a group and a period of event time.</summary>
    private static Alert Plain(Finding finding)
    {
        var hit = finding.Newest;
        var facts = Facts.Of(hit.Record);
        var (group, bucket) = Quiet(hit);
        return new Alert
        {
            Id = group is null ? AlertId.Of("plain", hit.Rule.Key, hit.Event.Value) : AlertId.Of("suppressed", hit.Rule.Key, group, bucket),
            Rule = About(hit.Rule),
            Kind = AlertKind.Plain,
            Late = facts.Addendum,
            SentAt = hit.SentAt,
            Group = group is "" ? null : group,
            Events = [EventOf(hit, facts)],
            Facts = facts.ForAlert with { Behind = finding.Behind },
            HiddenBy = (hit.Rule as DetectionRule)?.HiddenBy,
        };
    }

    /// <summary>The alert of a correlation: identified by the first event of its window.</summary>
    private static Alert Correlated(Finding finding)
    {
        var group = finding.Group ?? "";
        var facts = finding.Hits.Select(hit => Facts.Of(hit.Record)).ToArray();
        return new Alert
        {
            Id = AlertId.Of("correlation", finding.Rule.Key, group, finding.Hits[0].Event.Value),
            Rule = About(finding.Rule),
            Kind = AlertKind.Correlation,
            Late = finding.Late,
            SentAt = finding.Newest.SentAt,
            Group = group.Length > 0 ? group : null,
            Events = [.. finding.Hits.Zip(facts, EventOf)],
            Facts = facts[^1].ForAlert with { Behind = finding.Behind },
        };
    }

    /// <summary>The group and the period in which one alert stands for all; no group if every event alerts.</summary>
    private static (string? Group, string Bucket) Quiet(Hit hit) =>
        hit is { Rule: DetectionRule { Suppression: { } suppression }, Time: { } time }
            ? (new GroupKey(suppression.By).Of(hit.Record.Span), (time.UtcTicks / suppression.Period.Ticks).ToString(CultureInfo.InvariantCulture))
            : (null, "");

    private static AlertRule About(Rule rule) =>
        new((rule as DetectionRule)?.Hides ?? rule.Key, rule.Label, rule.Title, rule.Level, rule.Tags, rule.Description, rule.FirstStep);

    private static AlertEvent EventOf(Hit hit, Facts facts) => new(facts.EventId, hit.Time, facts.ForAlert.EventName, hit.Origin, hit.Index);
}

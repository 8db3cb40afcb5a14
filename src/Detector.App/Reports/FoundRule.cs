using Detector.Core.Delivery;

namespace Detector.App.Reports;

/// <summary>What a rule found.</summary>
internal sealed class FoundRule(AlertRule rule)
{
    private readonly HashSet<string?> _principals = new(StringComparer.Ordinal);

    /// <summary>The rule.</summary>
    public AlertRule Rule { get; } = rule;

    /// <summary>Its alerts.</summary>
    public int Count { get; private set; }

    /// <summary>When the first was.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>When the last was.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>How many its alerts are about, sessions counting as who stands behind them.</summary>
    public int Principals => _principals.Count;

    /// <summary>Goes through the alerts once; the gravest rules come first, then those that found most.</summary>
    public static IReadOnlyList<FoundRule> Of(IEnumerable<Alert> alerts)
    {
        var found = new Dictionary<string, FoundRule>(StringComparer.Ordinal);
        foreach (var alert in alerts)
        {
            if (!found.TryGetValue(alert.Rule.Id, out var rule))
                found.Add(alert.Rule.Id, rule = new FoundRule(alert.Rule));
            rule.Add(alert);
        }
        return [.. found.Values.OrderByDescending(rule => rule.Rule.Level).ThenByDescending(rule => rule.Count)];
    }

    private void Add(Alert alert)
    {
        Count++;
        First = First < alert.Time ? First : alert.Time ?? First;
        Last = Last > alert.Time ? Last : alert.Time ?? Last;
        _principals.Add(alert.Facts.Behind?.Actor ?? alert.Facts.Actor);
    }
}

using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>Correlation types <c>temporal</c> and <c>temporal_ordered</c>: several rules within the timespan.</summary>
internal static class Temporal
{
    /// <summary>Every rule has a hit; or as many rules as the condition wants.</summary>
    public static bool Met(CorrelationRule rule, IReadOnlyList<WaitingHit> hits)
    {
        var present = Count(hits);
        return rule.Count.Count > 0 ? rule.Holds(present) : present == rule.Rules.Distinct(StringComparer.Ordinal).Count();
    }

    /// <summary>
    /// Every rule has a hit of its own, none before its predecessor's; or as many rules from the first on as the condition wants. Times have a resolution of
    /// one second, so hits of the same second count as in order whichever way they stand.
    /// </summary>
    public static bool MetInOrder(CorrelationRule rule, IReadOnlyList<WaitingHit> hits)
    {
        var inOrder = CountInOrder(rule, hits);
        return rule.Count.Count > 0 ? rule.Holds(inOrder) : inOrder == rule.Rules.Count;
    }

    /// <summary>How many of the rules have a hit.</summary>
    public static int Count(IReadOnlyList<WaitingHit> hits) => hits.Select(hit => hit.Hit.Rule.Key).Distinct(StringComparer.Ordinal).Count();

    /// <summary>How many of the rules, from the first on, have a hit in their order.</summary>
    public static int CountInOrder(CorrelationRule rule, IReadOnlyList<WaitingHit> hits)
    {
        var used = new HashSet<HitKey>();
        var earliest = DateTimeOffset.MinValue;
        foreach (var key in rule.Rules)
        {
            // The first hit that is not too early leaves the most room for the rules that follow.
            var next = hits.FirstOrDefault(hit => hit.Hit.Rule.Key == key && hit.Time >= earliest && !used.Contains(hit.Key));
            if (next is null)
            {
                break;
            }
            used.Add(next.Key);
            earliest = next.Time;
        }
        return used.Count;
    }
}

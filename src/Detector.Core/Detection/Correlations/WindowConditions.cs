using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>Which condition each type of correlation puts to a window's hits.</summary>
internal static class WindowConditions
{
    public static Func<IReadOnlyList<WaitingHit>, bool> Of(CorrelationRule rule) =>
        rule.Type switch
        {
            CorrelationType.EventCount => hits => rule.Holds(Events(rule, hits)),
            CorrelationType.ValueCount => hits => rule.Holds(Values.Distinct(hits)),
            CorrelationType.Temporal => hits => Temporal.Met(rule, hits),
            CorrelationType.TemporalOrdered => hits => Temporal.MetInOrder(rule, hits),
            CorrelationType.ValueSum => hits => Values.Numbers(hits) is { Count: > 0 } numbers && rule.Holds(numbers.Sum()),
            CorrelationType.ValueAverage => hits => Values.Numbers(hits) is { Count: > 0 } numbers && rule.Holds(numbers.Average()),
            CorrelationType.ValuePercentile => hits =>
                Values.Numbers(hits) is { Count: > 0 } numbers && rule.Holds(Values.Percentile(numbers, rule.Percentile)),
            _ => throw new ArgumentException($"no condition for {rule.Type}", nameof(rule)),
        };

    /// <summary>How far a window has come: the number that the condition is put to. NaN if there is none.</summary>
    public static double Reached(CorrelationRule rule, IReadOnlyList<WaitingHit> hits) =>
        rule.Type switch
        {
            CorrelationType.EventCount => Events(rule, hits),
            CorrelationType.ValueCount => Values.Distinct(hits),
            CorrelationType.Temporal => Temporal.Count(hits),
            CorrelationType.TemporalOrdered => Temporal.CountInOrder(rule, hits),
            _ when Values.Numbers(hits) is { Count: 0 } => double.NaN,
            CorrelationType.ValueSum => Values.Numbers(hits).Sum(),
            CorrelationType.ValueAverage => Values.Numbers(hits).Average(),
            _ => Values.Percentile(Values.Numbers(hits), rule.Percentile),
        };

    /// <summary>An event that several of the rules match is one event.</summary>
    private static int Events(CorrelationRule rule, IReadOnlyList<WaitingHit> hits) =>
        rule.Rules.Count == 1 ? hits.Count : hits.Select(hit => hit.Hit.Event).Distinct().Count();

    public static bool Holds(this CorrelationRule rule, double count)
    {
        foreach (var test in rule.Count)
        {
            if (!test.Holds(count))
            {
                return false;
            }
        }
        return true;
    }
}

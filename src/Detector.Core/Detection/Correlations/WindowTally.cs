using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>
/// What a window's hits amount to, kept up while it slides: hits come to its new end and go from its old one (to judge a late hit, the other way round), each at a
/// cost that hardly grows with how many it holds (but for sums, which are added up anew). To look through the whole window with every hit would let one noisy
/// caller hold up all others.
/// </summary>
/// <param name="rule">The correlation.</param>
internal abstract class WindowTally(CorrelationRule rule)
{
    // Without a condition every rule is wanted: one that is written twice, twice only where there is an order.
    private readonly int _wanted =
        rule.Count.Count > 0 ? 0
        : rule.Type == CorrelationType.TemporalOrdered ? rule.Rules.Count
        : rule.Rules.Distinct(StringComparer.Ordinal).Count();

    /// <summary>The number that the condition is put to. NaN if there is none.</summary>
    public abstract double Reached { get; }

    /// <summary>Whether the window meets the rule's condition.</summary>
    public bool IsMet => Holds(Reached);

    /// <summary>What a correlation's type wants.</summary>
    public static WindowTally Of(CorrelationRule rule) =>
        rule.Type switch
        {
            // An event that several of the rules match is one event.
            CorrelationType.EventCount when rule.Rules.Count > 1 => new DistinctTally(rule, hit => hit.Hit.Event.Value),
            CorrelationType.EventCount => new CountTally(rule),
            CorrelationType.ValueCount => new DistinctTally(rule, hit => hit.Value),
            CorrelationType.Temporal => new DistinctTally(rule, hit => hit.Hit.Rule.Key),
            CorrelationType.TemporalOrdered => new OrderTally(rule),
            CorrelationType.ValueSum => new NumberTally(rule, NumberTally.Sum),
            CorrelationType.ValueAverage => new NumberTally(rule, numbers => NumberTally.Sum(numbers) / numbers.Count),
            CorrelationType.ValuePercentile => new NumberTally(rule, numbers => NumberTally.Percentile(numbers, rule.Percentile)),
            _ => throw new ArgumentException($"no tally for {rule.Type}", nameof(rule)),
        };

    /// <summary>Takes in a hit before or behind all others.</summary>
    public abstract void Add(WaitingHit hit);

    /// <summary>Leaves out the first hit or the last one.</summary>
    public abstract void Remove(WaitingHit hit);

    /// <summary>Leaves out all hits.</summary>
    public abstract void Clear();

    private bool Holds(double reached)
    {
        if (double.IsNaN(reached))
        {
            return false;
        }
        foreach (var test in rule.Count)
        {
            if (!test.Holds(reached))
            {
                return false;
            }
        }
        return rule.Count.Count > 0 || reached >= _wanted;
    }
}

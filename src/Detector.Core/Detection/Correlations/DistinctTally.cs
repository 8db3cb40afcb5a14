using System.Runtime.InteropServices;
using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>
/// How many different things hits have: values for <c>value_count</c>, events for <c>event_count</c> of several rules, rules for <c>temporal</c>. Hits without one
/// do not count.
/// </summary>
/// <param name="rule">The correlation.</param>
/// <param name="thingOf">What is told apart; null if a hit has none.</param>
internal sealed class DistinctTally(CorrelationRule rule, Func<WaitingHit, string?> thingOf) : WindowTally(rule)
{
    private readonly Dictionary<string, int> _hits = new(StringComparer.Ordinal);

    public override double Reached => _hits.Count;

    public override void Add(WaitingHit hit)
    {
        if (thingOf(hit) is { } thing)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_hits, thing, out _)++;
        }
    }

    public override void Remove(WaitingHit hit)
    {
        if (thingOf(hit) is { } thing && --CollectionsMarshal.GetValueRefOrNullRef(_hits, thing) == 0)
        {
            _hits.Remove(thing);
        }
    }

    public override void Clear() => _hits.Clear();
}

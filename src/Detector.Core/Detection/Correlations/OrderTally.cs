using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>
/// Correlation type <c>temporal_ordered</c>: how many of the rules, from the first on, have a hit of their own that is not before their predecessor's. Times have a
/// resolution of one second, so hits of the same second count as in order whichever way they stand.
/// </summary>
internal sealed class OrderTally(CorrelationRule rule) : WindowTally(rule)
{
    private readonly IReadOnlyList<string> _rules = rule.Rules;
    private readonly Dictionary<string, Part> _parts = rule
        .Rules.Distinct(StringComparer.Ordinal)
        .ToDictionary(key => key, _ => new Part(), StringComparer.Ordinal);

    public override double Reached
    {
        get
        {
            foreach (var part in _parts.Values)
            {
                part.Used = 0;
            }
            var reached = 0;
            var earliest = DateTimeOffset.MinValue;
            foreach (var key in _rules)
            {
                // The first hit that is not too early leaves the most room for the rules that follow.
                var part = _parts[key];
                var next = part.Hits.FirstFrom(part.Used, earliest);
                if (next == part.Hits.Count)
                {
                    break;
                }
                earliest = part.Hits[next].Time;
                part.Used = next + 1;
                reached++;
            }
            return reached;
        }
    }

    public override void Add(WaitingHit hit)
    {
        var hits = _parts[hit.Hit.Rule.Key].Hits;
        hits.Insert(hits.PlaceOf(hit), hit);
    }

    public override void Remove(WaitingHit hit) => _parts[hit.Hit.Rule.Key].Hits.TakeEnd(hit);

    public override void Clear()
    {
        foreach (var part in _parts.Values)
        {
            part.Hits.Clear();
        }
    }

    /// <summary>The hits of one rule.</summary>
    private sealed class Part
    {
        public HitQueue Hits { get; } = new();

        /// <summary>Where those begin that no rule in the order has taken yet.</summary>
        public int Used { get; set; }
    }
}

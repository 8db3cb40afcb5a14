using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>Correlation type <c>event_count</c> of one rule: how many hits there are.</summary>
internal sealed class CountTally(CorrelationRule rule) : WindowTally(rule)
{
    private int _hits;

    public override double Reached => _hits;

    public override void Add(WaitingHit hit) => _hits++;

    public override void Remove(WaitingHit hit) => _hits--;

    public override void Clear() => _hits = 0;
}

namespace Detector.Core.Detection.Correlations;

/// <summary>What a correlation's operator says after a hit, or at a group's end.</summary>
/// <param name="Fired">The hits that together met the condition, in order; empty if it is not met.</param>
/// <param name="Released">Hits that the operator will not need again, those that fired included.</param>
/// <param name="Crowded">Whether a hit was released that a window could still need, because the group has too many.</param>
internal sealed record Verdict(IReadOnlyList<WaitingHit> Fired, IReadOnlyList<WaitingHit> Released, bool Crowded = false)
{
    public bool SaysSomething => Fired.Count > 0 || Released.Count > 0;
}

namespace Detector.Core.Detection.Correlations;

/// <summary>What a correlation's operator says after a hit, or at a group's end.</summary>
/// <param name="Fired">The hits that together met the condition, in order; empty if it is not met.</param>
/// <param name="Released">Hits that the operator will not need again, those that fired included.</param>
/// <param name="Crowd">Why hits were released that a window could still need; null if none were.</param>
internal sealed record Verdict(IReadOnlyList<WaitingHit> Fired, IReadOnlyList<WaitingHit> Released, string? Crowd = null)
{
    public bool SaysSomething => Fired.Count > 0 || Released.Count > 0;
}

using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection;

/// <summary>That a rule was met: a detection by one hit, or a correlation by several.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Hits">What met it, in the order of their times; never empty.</param>
/// <param name="Group">The values that a correlation's hits share; null for detections.</param>
/// <param name="Late">Whether one of the hits came when its place in time had been judged already.</param>
public sealed record Finding(Rule Rule, IReadOnlyList<Hit> Hits, string? Group = null, bool Late = false)
{
    /// <summary>The hit that completed it.</summary>
    public Hit Newest => Hits[^1];

    /// <summary>Who stands behind the newest hit's event, as far as it is known now; null if its record tells all there is.</summary>
    public ActorChain? Behind { get; init; }
}

using Detector.Core.Detection.History;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>How many hits of a rule came to a correlation under one group.</summary>
/// <param name="Rule">The <see cref="Rule.Key"/> of the rule that matched.</param>
/// <param name="Group">The values of the group-by fields; null for hits that lack one of them or a time, and so take no part.</param>
/// <param name="Count">How many.</param>
public sealed record HitGroup(string Rule, string? Group, int Count);

/// <summary>Tells how hits fall into a correlation's groups, for explanations.</summary>
public static class HitGroups
{
    /// <summary>The groups, the largest first.</summary>
    public static IReadOnlyList<HitGroup> Of(RuleSet rules, CorrelationRule correlation, IEnumerable<Hit> hits)
    {
        hits = [.. hits];
        var room = new WaitingRoom(rules, Memory.OfSessions(rules, hits));
        return
        [
            .. hits.Where(hit => correlation.Rules.Contains(hit.Rule.Key, StringComparer.Ordinal))
                .GroupBy(hit =>
                    (
                        hit.Rule.Key,
                        Group: WaitingRoom.ForCorrelations(rules, hit).Where(h => h.Key.For == correlation.Key).Select(room.Admit).FirstOrDefault()?.Group
                    )
                )
                .Select(group => new HitGroup(group.Key.Key, group.Key.Group, group.Count()))
                .OrderByDescending(group => group.Count),
        ];
    }
}

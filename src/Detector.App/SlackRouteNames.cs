using Detector.App.Options;
using Detector.App.Vigil;
using Detector.Core;
using Detector.Core.Rules;

namespace Detector.App;

/// <summary>Finds rules and tags in Slack's routes that no loaded rule has: one that is mistyped leaves its channel silent, and nobody would notice.</summary>
internal static class SlackRouteNames
{
    /// <summary>What nothing meets, each in words.</summary>
    public static IEnumerable<string> Unmet(SlackOptions slack, RuleSet rules)
    {
        var loaded = rules.Detections.Concat<Rule>(rules.Correlations).ToList();
        string[] names = [.. loaded.SelectMany(rule => (string[])[rule.Label, rule.Key]), .. SelfAlert.Rules];
        string[] tags = [.. loaded.SelectMany(rule => rule.Tags), .. SelfAlert.Tags];
        return slack
            .Routes.SelectMany(route => Unmet(route, "rule", route.Rules, names).Concat(Unmet(route, "tag", route.Tags, tags)))
            .Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Unmet(SlackRoute route, string test, IReadOnlyList<string> patterns, string[] known) =>
        from pattern in patterns
        where !known.Any(name => SlackRoute.Meets(pattern, name))
        let near = NearestName.Of(pattern, known)
        select $"a route to {route.To.Name} asks for {test}={OneLine.Of(pattern)}, which no loaded rule has{(near is null ? "" : $": {near} may be meant")}";
}

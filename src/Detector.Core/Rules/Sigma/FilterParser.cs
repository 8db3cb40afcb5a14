using YamlDotNet.RepresentationModel;

namespace Detector.Core.Rules.Sigma;

/// <summary>Reads a <c>filter</c> section: a detection's searches and condition, and the rules that it narrows.</summary>
/// <remarks>Sigma specification 2.1, "Sigma Filters".</remarks>
internal static class FilterParser
{
    public static FilterRule Parse(YamlMappingNode filter, RulePlace place, string title)
    {
        var rules = filter.Need("rules", "filter");
        var condition = filter.Need("condition", "filter");
        if (condition is not YamlScalarNode)
        {
            throw new SigmaException(condition, "a filter has one condition");
        }
        return new FilterRule
        {
            Title = title,
            Place = place,
            Rules = References(rules),
            Condition = DetectionParser.Parse(filter, besides: "rules"),
        };
    }

    /// <summary>Null for <c>any</c>, <c>all</c> and an empty list, which mean every rule of the log source.</summary>
    private static IReadOnlyList<string>? References(YamlNode node) =>
        node switch
        {
            YamlScalarNode scalar when Yaml.Text(scalar, "rules") is "any" or "all" or "Any" or "All" or "ANY" or "ALL" => null,
            YamlSequenceNode { Children.Count: 0 } => null,
            _ => Yaml.Texts(node, "rules") is { Count: > 0 } named ? named : throw new SigmaException(node, "rules names no rule"),
        };
}

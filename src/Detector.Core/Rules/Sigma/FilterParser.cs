using System.Globalization;

namespace Detector.Core.Rules.Sigma;

/// <summary>Reads a <c>filter</c> section: a detection's searches and condition, and the rules that it narrows.</summary>
/// <remarks>Sigma specification 2.1, "Sigma Filters".</remarks>
internal static class FilterParser
{
    public static FilterRule Parse(YamlMap filter, RulePlace place, string title)
    {
        var rules = filter.Need("rules", "filter");
        var condition = filter.Need("condition", "filter");
        if (condition is not YamlScalar)
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
            YamlScalar scalar when Yaml.Text(scalar, "rules") is "any" or "all" or "Any" or "All" or "ANY" or "ALL" => null,
            YamlList { Items.Count: 0 } => null,
            _ => Yaml.Texts(node, "rules") is { Count: > 0 } named ? named : throw new SigmaException(node, "rules names no rule"),
        };

    /// <summary>
    /// The terms of a suppression; null for a filter that is none. Whatever lies in a folder of this name is one, as is a filter that states any of the terms: it
    /// must then state all.
    /// </summary>
    public static SuppressionTerms? Terms(YamlMap map)
    {
        string[] keys = ["owner", "reason", "expires"];
        if (!map.Place.File.Split('/', '\\').SkipLast(1).Contains("suppressions", StringComparer.Ordinal) && !keys.Any(key => map.Find(key) is not null))
        {
            return null;
        }
        var expires = map.Need("expires", "the suppression");
        return DateTimeOffset.TryParseExact(
            Yaml.Text(expires, "expires"),
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var end
        )
            ? new SuppressionTerms(Stated(map, "owner"), Stated(map, "reason"), end)
            : throw new SigmaException(expires, "expires is no date", "write it as 2027-03-01");
    }

    private static string Stated(YamlMap map, string key)
    {
        var node = map.Need(key, "the suppression");
        return Yaml.Text(node, key) is { } text && text.Trim() is { Length: > 0 } stated ? stated : throw new SigmaException(node, $"{key} is empty");
    }
}

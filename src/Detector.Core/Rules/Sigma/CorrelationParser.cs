using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Detector.Core.Rules.Sigma;

/// <summary>Reads a <c>correlation</c> section.</summary>
/// <remarks>Sigma specification 2.1, "Sigma Correlation Rules".</remarks>
internal static class CorrelationParser
{
    private static readonly string[] Known = ["type", "rules", "group-by", "timespan", "condition", "generate"];

    public static CorrelationRule Parse(YamlMappingNode correlation, RulePlace place, string title)
    {
        foreach (var (key, _) in correlation.Children)
        {
            if (!Known.Contains(Yaml.Key(key), StringComparer.Ordinal))
            {
                throw new SigmaException(key, $"correlation attribute '{Yaml.Key(key)}' is not supported");
            }
        }
        var typeNode = correlation.Need("type", "correlation");
        var type = Yaml.Text(typeNode, "type") switch
        {
            "event_count" => CorrelationType.EventCount,
            var other => throw new SigmaException(typeNode, $"correlation type '{other}' is not supported", "supported is event_count"),
        };
        var timespan = correlation.Need("timespan", "correlation");
        return new CorrelationRule
        {
            Title = title,
            Place = place,
            Type = type,
            Rules = Rules(correlation.Need("rules", "correlation")),
            GroupBy = Yaml.Paths(correlation.Find("group-by"), "group-by"),
            Timespan = Durations.Parse(timespan, Yaml.Text(timespan, "timespan") ?? ""),
            Count = Count(correlation.Need("condition", "correlation")),
            Generate = Yaml.Text(correlation.Find("generate"), "generate") == "true",
        };
    }

    private static IReadOnlyList<string> Rules(YamlNode node) =>
        Yaml.Texts(node, "rules") is { Count: > 0 } rules ? rules : throw new SigmaException(node, "rules is empty");

    private static CountTest[] Count(YamlNode node)
    {
        var tests = Yaml.Map(node, "condition")
            .Children.Select(bound => new CountTest(
                Yaml.Key(bound.Key) switch
                {
                    "eq" => Comparison.Equal,
                    "neq" => Comparison.NotEqual,
                    "lt" => Comparison.Less,
                    "lte" => Comparison.LessOrEqual,
                    "gt" => Comparison.Greater,
                    "gte" => Comparison.GreaterOrEqual,
                    var other => throw new SigmaException(bound.Key, $"condition '{other}' is not supported", "supported are eq, neq, lt, lte, gt, gte"),
                },
                double.TryParse(Yaml.Text(bound.Value, "condition"), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                    ? value
                    : throw new SigmaException(bound.Value, "a bound is not a number")
            ))
            .ToArray();
        return tests.Length > 0 ? tests : throw new SigmaException(node, "condition is empty");
    }
}

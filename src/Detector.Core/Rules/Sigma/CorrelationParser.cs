using System.Globalization;

namespace Detector.Core.Rules.Sigma;

/// <summary>Reads a <c>correlation</c> section.</summary>
/// <remarks>Sigma specification 2.1, "Sigma Correlation Rules".</remarks>
internal static class CorrelationParser
{
    private static readonly string[] Known = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];

    private static readonly Dictionary<string, CorrelationType> Types = new(StringComparer.Ordinal)
    {
        ["event_count"] = CorrelationType.EventCount,
        ["value_count"] = CorrelationType.ValueCount,
        ["temporal"] = CorrelationType.Temporal,
        ["temporal_ordered"] = CorrelationType.TemporalOrdered,
        ["value_sum"] = CorrelationType.ValueSum,
        ["value_avg"] = CorrelationType.ValueAverage,
        ["value_percentile"] = CorrelationType.ValuePercentile,
    };

    public static CorrelationRule Parse(YamlMap correlation, RulePlace place, string title, bool generate)
    {
        foreach (var (key, _) in correlation.Entries)
        {
            if (!Known.Contains(Yaml.Key(key), StringComparer.Ordinal))
            {
                throw new SigmaException(key, $"correlation attribute '{Yaml.Key(key)}' is not supported", $"supported are {string.Join(", ", Known)}");
            }
        }
        var typeNode = correlation.Need("type", "correlation");
        if (!Types.TryGetValue(Yaml.Text(typeNode, "type") ?? "", out var type))
        {
            throw new SigmaException(
                typeNode,
                $"correlation type '{Yaml.Text(typeNode, "type")}' is not supported",
                $"supported are {string.Join(", ", Types.Keys)}"
            );
        }
        var rules = correlation.Need("rules", "correlation");
        var timespan = correlation.Need("timespan", "correlation");
        var rule = new CorrelationRule
        {
            Title = title,
            Place = place,
            Type = type,
            Rules = Yaml.Texts(rules, "rules") is { Count: > 0 } named ? named : throw new SigmaException(rules, "rules is empty"),
            GroupBy = SigmaReader.Grouping(correlation.Find("group-by"), "group-by"),
            Aliases = Aliases(correlation.Find("aliases")),
            Timespan = Durations.Parse(timespan, Yaml.Text(timespan, "timespan") ?? ""),
            Generate = generate || Yaml.Flag(correlation.Find("generate"), "generate"),
        };
        return WithCondition(rule, correlation);
    }

    private static CorrelationRule WithCondition(CorrelationRule rule, YamlMap correlation)
    {
        var temporal = rule.Type is CorrelationType.Temporal or CorrelationType.TemporalOrdered;
        var node = correlation.Find("condition");
        if (node is null)
        {
            return temporal ? rule : throw new SigmaException(correlation, "correlation has no condition", "add condition");
        }
        if (node is YamlScalar)
        {
            throw new SigmaException(
                node,
                "conditions over rule names (extended temporal correlations) are not supported",
                "name the rules under rules, and bounds such as gte under condition"
            );
        }
        var counted = rule.Type is not (CorrelationType.EventCount or CorrelationType.Temporal or CorrelationType.TemporalOrdered);
        var tests = new List<CountTest>();
        IReadOnlyList<string> fields = [];
        double? percentile = null;
        foreach (var (key, value) in Yaml.Map(node, "condition").Entries)
        {
            switch (Yaml.Key(key))
            {
                case "field" when counted:
                    fields = SigmaReader.Grouping(value, "field");
                    break;
                case "percentile" when rule.Type == CorrelationType.ValuePercentile:
                    percentile = Number(value) is >= 0 and <= 100 and var p ? p : throw new SigmaException(value, "percentile is not between 0 and 100");
                    break;
                default:
                    tests.Add(new CountTest(Operator(key), Number(value)));
                    if (rule.Type is CorrelationType.EventCount or CorrelationType.ValueCount && !CanBeReached(tests[^1]))
                    {
                        throw new SigmaException(value, $"a count of more than {CorrelationRule.MostHits} is never reached: a group keeps no more events");
                    }
                    break;
            }
        }
        if (tests.Count == 0)
        {
            throw new SigmaException(node, "condition has no bound", "add one of eq, neq, lt, lte, gt, gte");
        }
        if (counted && fields.Count == 0)
        {
            throw new SigmaException(node, "condition does not name the field whose values count", "add field");
        }
        if (fields.Count > 1 && rule.Type != CorrelationType.ValueCount)
        {
            throw new SigmaException(node, "only value_count takes several fields");
        }
        return rule with { Count = tests, Fields = fields, Percentile = percentile ?? CorrelationRule.DefaultPercentile };
    }

    private static Comparison Operator(YamlNode key) =>
        Yaml.Key(key) switch
        {
            "eq" => Comparison.Equal,
            "neq" => Comparison.NotEqual,
            "lt" => Comparison.Less,
            "lte" => Comparison.LessOrEqual,
            "gt" => Comparison.Greater,
            "gte" => Comparison.GreaterOrEqual,
            var other => throw new SigmaException(key, $"condition '{other}' is not supported for this correlation", "supported are eq, neq, lt, lte, gt, gte"),
        };

    private static bool CanBeReached(CountTest test) =>
        test.Operator switch
        {
            Comparison.Greater => test.Value < CorrelationRule.MostHits,
            Comparison.GreaterOrEqual or Comparison.Equal => test.Value <= CorrelationRule.MostHits,
            _ => true,
        };

    private static double Number(YamlNode node) =>
        double.TryParse(Yaml.Text(node, "condition"), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new SigmaException(node, "a bound is not a number");

    /// <summary><c>aliases: {name: {rule: field}}</c>: by which field each rule's events have what the correlation calls by one name.</summary>
    private static Dictionary<string, IReadOnlyDictionary<string, string>> Aliases(YamlNode? node)
    {
        var aliases = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        if (node is not null)
        {
            foreach (var (name, fields) in Yaml.Map(node, "aliases").Entries)
            {
                aliases[Yaml.Key(name)] = Yaml.Map(fields, "an alias")
                    .Entries.ToDictionary(
                        f => Yaml.Key(f.Key),
                        f => Yaml.Text(f.Value, "an alias") ?? throw new SigmaException(f.Value, "an alias names no field"),
                        StringComparer.Ordinal
                    );
            }
        }
        return aliases;
    }
}

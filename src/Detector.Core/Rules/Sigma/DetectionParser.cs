using YamlDotNet.RepresentationModel;

namespace Detector.Core.Rules.Sigma;

/// <summary>Turns a rule's <c>detection</c> into one condition.</summary>
/// <remarks>Sigma specification 2.1, "Detection".</remarks>
internal static class DetectionParser
{
    /// <param name="detection">Searches by name, and their condition.</param>
    /// <param name="besides">A key that is no search.</param>
    public static Condition Parse(YamlMappingNode detection, string? besides = null)
    {
        var searches = new Dictionary<string, Condition>(StringComparer.Ordinal);
        foreach (var (key, value) in detection.Children)
        {
            var name = Yaml.Key(key);
            // timeframe belonged to aggregations behind a '|', which the condition's parser refuses; alone it says nothing.
            if (name is not ("condition" or "timeframe") && name != besides)
            {
                searches.Add(name, Search(key, value));
            }
        }
        var condition = detection.Need("condition", "detection");
        return condition switch
        {
            YamlSequenceNode { Children.Count: > 0 } list => Any([.. list.Select(one => ConditionParser.Parse(one, searches))]),
            YamlScalarNode => ConditionParser.Parse(condition, searches),
            _ => throw new SigmaException(condition, "condition is neither text nor a list of texts"),
        };
    }

    /// <summary>A map means all of its items, a list any of its parts, plain values are keywords.</summary>
    private static Condition Search(YamlNode key, YamlNode node) =>
        node switch
        {
            YamlMappingNode { Children.Count: 0 } or YamlSequenceNode { Children.Count: 0 } => throw new SigmaException(key, $"'{Yaml.Key(key)}' is empty"),
            YamlMappingNode map => All([.. map.Children.Select(item => Item(item.Key, item.Value))]),
            YamlSequenceNode list => Any([.. list.Select(part => Search(key, part))]),
            YamlScalarNode scalar => Keyword(key, scalar, Modifiers.Parse(key, [])),
            _ => throw new SigmaException(node, "neither a map, a list nor a value"),
        };

    private static Condition Item(YamlNode key, YamlNode value)
    {
        var parts = Yaml.Key(key).Split('|');
        var field = parts[0];
        var modifiers = Modifiers.Parse(key, parts.Skip(1));
        var values = value switch
        {
            YamlSequenceNode { Children.Count: 0 } => [new YamlScalarNode((string?)null)],
            YamlSequenceNode list => list.Select(item =>
                item as YamlScalarNode ?? throw new SigmaException(item, $"'{Yaml.Key(key)}' holds something that is no plain value")
            ),
            YamlScalarNode scalar => [scalar],
            _ => throw new SigmaException(value, $"the value of '{Yaml.Key(key)}' is neither plain nor a list", "nested fields are written with dots"),
        };
        Condition[] tests = [.. values.Select(one => field.Length == 0 ? Keyword(key, one, modifiers) : FieldIs(key, Yaml.Path(key, field), one, modifiers))];
        var all = modifiers.All ? All(tests) : Any(tests);
        return modifiers.Negated ? new Condition.Not(all) : all;
    }

    private static Condition FieldIs(YamlNode key, string field, YamlScalarNode value, Modifiers modifiers) =>
        Any([.. FieldTests.Of(key, value, modifiers).Select(test => new Condition.Field(field, test))]);

    /// <summary>A keyword stands anywhere inside any value.</summary>
    private static Condition Keyword(YamlNode key, YamlScalarNode value, Modifiers modifiers)
    {
        if (Yaml.Value(value).IsNull || modifiers.Test is Modifiers.Kind.Exists or Modifiers.Kind.FieldRef)
        {
            throw new SigmaException(value, "null, exists and fieldref need a field");
        }
        return Any([
            .. FieldTests
                .Of(key, value, modifiers)
                .Select(test => new Condition.Keyword(test is FieldTest.Text text ? new FieldTest.Text(text.Pattern.Open(before: true, behind: true)) : test)),
        ]);
    }

    public static Condition All(IReadOnlyList<Condition> parts) => parts.Count == 1 ? parts[0] : new Condition.And(parts);

    public static Condition Any(IReadOnlyList<Condition> parts) => parts.Count == 1 ? parts[0] : new Condition.Or(parts);
}

namespace Detector.Core.Rules.Sigma;

/// <summary>Turns a rule's <c>detection</c> into one condition.</summary>
/// <remarks>Sigma specification 2.1, "Detection".</remarks>
internal static class DetectionParser
{
    /// <param name="detection">Searches by name, and their condition.</param>
    /// <param name="besides">A key that is no search.</param>
    public static Condition Parse(YamlMap detection, string? besides = null)
    {
        var searches = new Dictionary<string, Condition>(StringComparer.Ordinal);
        foreach (var (key, value) in detection.Entries)
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
            YamlList { Items.Count: > 0 } list => Any([.. list.Items.Select(one => ConditionParser.Parse(one, searches))]),
            YamlScalar => ConditionParser.Parse(condition, searches),
            _ => throw new SigmaException(condition, "condition is neither text nor a list of texts"),
        };
    }

    /// <summary>A map means all of its items, a list any of its parts, plain values are keywords.</summary>
    private static Condition Search(YamlNode key, YamlNode node) =>
        node switch
        {
            YamlMap { Entries.Count: 0 } or YamlList { Items.Count: 0 } => throw new SigmaException(key, $"'{Yaml.Key(key)}' is empty"),
            YamlMap map => All(map.Entries.ToArray(item => Item(item.Key, item.Value))),
            YamlList list => Alternatives(key, list),
            YamlScalar scalar => Keyword(key, scalar, Modifiers.None),
            _ => throw new SigmaException(node, "neither a map, a list nor a value"),
        };

    private static Condition Alternatives(YamlNode key, YamlList list) => Any(list.Items.ToArray(part => Search(key, part)));

    private static Condition Item(YamlNode key, YamlNode value)
    {
        var written = Yaml.Key(key);
        var bar = written.IndexOf('|', StringComparison.Ordinal);
        var (field, modifiers) = bar < 0 ? (written, Modifiers.None) : (written[..bar], Modifiers.Parse(key, written[(bar + 1)..]));
        Condition[] tests = value switch
        {
            YamlScalar scalar => [Test(key, field, scalar, modifiers)],
            YamlList { Items.Count: 0 } => [Test(key, field, new YamlScalar("", isPlain: true, value.Place), modifiers)],
            YamlList list => Tests(key, field, list, modifiers),
            _ => throw new SigmaException(value, $"the value of '{Yaml.Key(key)}' is neither plain nor a list", "nested fields are written with dots"),
        };
        var all = modifiers.All ? All(tests) : Any(tests);
        return modifiers.Negated ? new Condition.Not(all) : all;
    }

    private static Condition[] Tests(YamlNode key, string field, YamlList list, Modifiers modifiers) =>
        list.Items.ToArray(item =>
            item is YamlScalar scalar
                ? Test(key, field, scalar, modifiers)
                : throw new SigmaException(item, $"'{Yaml.Key(key)}' holds something that is no plain value")
        );

    private static Condition Test(YamlNode key, string field, YamlScalar value, Modifiers modifiers) =>
        field.Length == 0 ? Keyword(key, value, modifiers) : FieldIs(key, Yaml.Path(key, field), value, modifiers);

    private static Condition FieldIs(YamlNode key, string field, YamlScalar value, Modifiers modifiers) =>
        Any(Array.ConvertAll(FieldTests.Of(key, value, modifiers), Condition (test) => new Condition.Field(field, test)));

    /// <summary>A keyword stands anywhere inside any value.</summary>
    private static Condition Keyword(YamlNode key, YamlScalar value, Modifiers modifiers)
    {
        if (Yaml.Value(value).IsNull || modifiers.Test is Modifiers.Kind.Exists or Modifiers.Kind.FieldRef)
        {
            throw new SigmaException(value, "null, exists and fieldref need a field");
        }
        return Any(Array.ConvertAll(FieldTests.Of(key, value, modifiers), Condition (test) => new Condition.Keyword(Anywhere(test))));
    }

    private static FieldTest Anywhere(FieldTest test) => test is FieldTest.Text text ? new FieldTest.Text(text.Pattern.Open(before: true, behind: true)) : test;

    public static Condition All(Condition[] parts) => parts.Length == 1 ? parts[0] : new Condition.And(parts);

    public static Condition Any(Condition[] parts) => parts.Length == 1 ? parts[0] : new Condition.Or(parts);
}

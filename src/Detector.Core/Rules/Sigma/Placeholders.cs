namespace Detector.Core.Rules.Sigma;

/// <summary>Puts values in the place of placeholders such as <c>%admins%</c>, below keys with the modifier <c>expand</c>. A placeholder that is not known stays.</summary>
/// <remarks>Sigma specification 2.1, appendix "Modifiers": expand.</remarks>
internal static class Placeholders
{
    /// <param name="node">A rule, or a part of one.</param>
    /// <param name="values">By name, without the percent signs. A value's wildcards are understood.</param>
    public static YamlNode Expand(YamlNode node, IReadOnlyDictionary<string, IReadOnlyList<string>> values) =>
        node switch
        {
            _ when !AsksForSome(node) => node,
            YamlMap map => new YamlMap([.. map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Below(entry, values)))], map.Place),
            YamlList list => new YamlList([.. list.Items.Select(item => Expand(item, values))], list.Place),
            _ => node,
        };

    private static bool AsksForSome(YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                foreach (var (key, value) in map.Entries)
                {
                    if (IsExpanded(key) || AsksForSome(value))
                        return true;
                }
                return false;
            case YamlList list:
                foreach (var item in list.Items)
                {
                    if (AsksForSome(item))
                        return true;
                }
                return false;
            default:
                return false;
        }
    }

    private static bool IsExpanded(YamlNode key) =>
        key is YamlScalar { Text: var name }
        && name.Contains("|expand", StringComparison.Ordinal)
        && name.Split('|').Skip(1).Contains("expand", StringComparer.Ordinal);

    private static YamlNode Below(KeyValuePair<YamlNode, YamlNode> entry, IReadOnlyDictionary<string, IReadOnlyList<string>> values) =>
        IsExpanded(entry.Key) ? Expanded(entry.Value, values) : Expand(entry.Value, values);

    private static YamlNode Expanded(YamlNode node, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        List<YamlNode> items = node is YamlList list ? list.Items : [node];
        List<YamlNode> expanded = [.. items.SelectMany(item => item is YamlScalar scalar ? Texts(scalar, values) : [item])];
        return expanded.SequenceEqual(items) ? node : new YamlList(expanded, node.Place);
    }

    private static IEnumerable<YamlNode> Texts(YamlScalar scalar, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        var known = values.FirstOrDefault(one => scalar.Text.Contains($"%{one.Key}%", StringComparison.Ordinal));
        return known.Key is null
            ? [scalar]
            : known.Value.Select(value => new YamlScalar(scalar.Text.Replace($"%{known.Key}%", value, StringComparison.Ordinal), isPlain: false, scalar.Place));
    }
}

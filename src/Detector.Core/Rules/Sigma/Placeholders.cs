using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Detector.Core.Rules.Sigma;

/// <summary>Puts values in the place of placeholders such as <c>%admins%</c>, below keys with the modifier <c>expand</c>. A placeholder that is not known stays.</summary>
/// <remarks>Sigma specification 2.1, appendix "Modifiers": expand.</remarks>
internal static class Placeholders
{
    /// <param name="node">A rule, or a part of one.</param>
    /// <param name="values">By name, without the percent signs. A value's wildcards are understood.</param>
    public static void Expand(YamlNode node, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        switch (node)
        {
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children.ToList())
                {
                    if (key is YamlScalarNode { Value: { } name } && name.Split('|').Skip(1).Contains("expand", StringComparer.Ordinal))
                        map.Children[key] = Expanded(value, values);
                    else
                        Expand(value, values);
                }
                break;
            case YamlSequenceNode list:
                foreach (var item in list)
                    Expand(item, values);
                break;
        }
    }

    private static YamlNode Expanded(YamlNode node, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        var items = node is YamlSequenceNode list ? list.Children : [node];
        var expanded = items.SelectMany(item => item is YamlScalarNode { Value: { } text } scalar ? Texts(scalar, text, values) : [item]).ToList();
        return expanded.SequenceEqual(items) ? node : new YamlSequenceNode(expanded);
    }

    private static IEnumerable<YamlNode> Texts(YamlScalarNode scalar, string text, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        var known = values.FirstOrDefault(one => text.Contains($"%{one.Key}%", StringComparison.Ordinal));
        return known.Key is null
            ? [scalar]
            : known.Value.Select(value => new YamlScalarNode(text.Replace($"%{known.Key}%", value, StringComparison.Ordinal))
            {
                Style = ScalarStyle.SingleQuoted,
            });
    }
}

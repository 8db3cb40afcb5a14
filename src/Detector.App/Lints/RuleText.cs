using Detector.Core.Rules;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Detector.App.Lints;

/// <summary>
/// The text that a rule was read from. Compiled conditions carry no places, as matching has no use for them: a finding looks its place up here.
/// </summary>
/// <param name="rule">The rule.</param>
/// <param name="root">Its document; null if the file cannot be read any more.</param>
internal sealed class RuleText(Rule rule, YamlMappingNode? root)
{
    // The first of each is the one that is shown.
    private readonly Lazy<Dictionary<string, YamlNode>> _fields = new(() =>
        Items(root)
            .DistinctBy(item => PathOf(item.Key), StringComparer.Ordinal)
            .ToDictionary(item => PathOf(item.Key), item => item.Key, StringComparer.Ordinal)
    );

    private readonly Lazy<Dictionary<(string Path, string Value), YamlNode>> _values = new(() =>
        Items(root)
            .SelectMany(item => Values(item.Value).Select(value => (Key: (PathOf(item.Key), Plain(Text(value))), Value: (YamlNode)value)))
            .DistinctBy(pair => pair.Key)
            .ToDictionary(pair => pair.Key, pair => pair.Value)
    );

    /// <summary>Reads the files of rules, each once.</summary>
    public static Func<Rule, RuleText> Reader()
    {
        var files = new Dictionary<string, IReadOnlyList<YamlMappingNode>>(StringComparer.Ordinal);
        return rule =>
        {
            if (!files.TryGetValue(rule.Place.File, out var documents))
                files.Add(rule.Place.File, documents = Documents(rule.Place.File));
            return new RuleText(rule, documents.FirstOrDefault(document => PlaceOf(document, rule.Place.File) == rule.Place));
        };
    }

    /// <summary>Searches by name; the condition is not among them.</summary>
    public IEnumerable<KeyValuePair<YamlNode, YamlNode>> Searches => SearchesOf(root);

    /// <summary>The texts of the condition, or of several.</summary>
    public IEnumerable<string> Conditions =>
        Child(Child(root, "detection") as YamlMappingNode, "condition") switch
        {
            YamlSequenceNode list => list.Children.Select(Text),
            YamlScalarNode scalar => [Text(scalar)],
            _ => [],
        };

    /// <summary>Whether the rule has an attribute with something in it.</summary>
    public bool Has(string attribute) =>
        Child(root, attribute) switch
        {
            YamlScalarNode { Value.Length: > 0 } => true,
            YamlSequenceNode { Children.Count: > 0 } or YamlMappingNode { Children.Count: > 0 } => true,
            _ => false,
        };

    /// <summary>Where a field is compared with a value; failing that, where the field is; failing that, where the rule is.</summary>
    public RulePlace PlaceOf(string path, FieldTest? test = null)
    {
        var wanted = test switch
        {
            FieldTest.Text text => text.Pattern.Literals(),
            FieldTest.SameAs same => same.OtherField,
            FieldTest.Matches regex => regex.Pattern,
            _ => null,
        };
        return wanted is not null && _values.Value.TryGetValue((path, Plain(wanted)), out var value) ? PlaceOf(value)
            : _fields.Value.TryGetValue(path, out var key) ? PlaceOf(key)
            : rule.Place;
    }

    /// <summary>Where a node stands.</summary>
    public RulePlace PlaceOf(YamlNode node) => PlaceOf(node, rule.Place.File);

    /// <summary>Every field of the searches with its values.</summary>
    public IEnumerable<KeyValuePair<YamlNode, YamlNode>> Fields => Items(root);

    /// <summary>The text of a scalar; empty for anything else.</summary>
    public static string Text(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";

    private static RulePlace PlaceOf(YamlNode node, string file) => new(file, Math.Max(1, (int)node.Start.Line), Math.Max(1, (int)node.Start.Column));

    private static string Plain(string text) => text.Replace("*", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);

    private static string PathOf(YamlNode key) => Text(key).Split('|')[0];

    private static IEnumerable<KeyValuePair<YamlNode, YamlNode>> SearchesOf(YamlMappingNode? root) =>
        Child(root, "detection") is YamlMappingNode detection ? detection.Children.Where(pair => Text(pair.Key) is not ("condition" or "timeframe")) : [];

    private static IEnumerable<KeyValuePair<YamlNode, YamlNode>> Items(YamlMappingNode? root) => SearchesOf(root).SelectMany(search => Below(search.Value));

    private static YamlNode? Child(YamlMappingNode? map, string name) => map?.Children.FirstOrDefault(pair => Text(pair.Key) == name).Value;

    private static IEnumerable<YamlScalarNode> Values(YamlNode node) => (node is YamlSequenceNode list ? list.Children : [node]).OfType<YamlScalarNode>();

    private static IEnumerable<KeyValuePair<YamlNode, YamlNode>> Below(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => map.Children,
            YamlSequenceNode list => list.Children.SelectMany(Below),
            _ => [],
        };

    private static List<YamlMappingNode> Documents(string file)
    {
        var stream = new YamlStream();
        try
        {
            using var text = new StreamReader(file);
            stream.Load(text);
        }
        catch (Exception e) when (e is YamlException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It was well when the rules were loaded; places are then told less exactly.
        }
        return [.. stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>()];
    }
}

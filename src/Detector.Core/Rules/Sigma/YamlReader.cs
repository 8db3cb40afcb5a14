using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Detector.Core.Rules.Sigma;

/// <summary>
/// Makes trees of a text's YAML documents, one after the other, so that none is kept longer than somebody wants it. They hold what the library's own hold, but for
/// what only those need who change and write YAML.
/// </summary>
/// <param name="file">For the places of nodes.</param>
/// <param name="text">What it holds.</param>
internal sealed class YamlReader(string file, string text)
{
    // Up to so many keys are looked through for one that is there already; of more a table is made.
    private const int FewKeys = 16;

    private readonly GuardedParser _parser = new(new Parser(new StringReader(YamlText.Ended(text))));
    private readonly Dictionary<AnchorName, (int Number, YamlNode Node)> _anchored = [];
    private int _nodes;

    /// <summary>The next document; false behind the last.</summary>
    /// <exception cref="SigmaException">The text is no YAML; nothing of what follows can be told.</exception>
    public bool TryRead([NotNullWhen(true)] out YamlNode? document)
    {
        _anchored.Clear();
        try
        {
            while (_parser.Current is not DocumentStart && _parser.MoveNext()) { }
            document = _parser.MoveNext() ? Node() : null;
            return document is not null;
        }
        catch (Exception e) when (e is not SigmaException)
        {
            // The library has its own exception, and who knows which others it lets through.
            throw new SigmaException(PlaceOf((e as YamlException)?.Start ?? _parser.Current?.Start ?? Mark.Empty), $"not YAML: {e.Message}");
        }
    }

    private YamlNode Node()
    {
        var written = _parser.Current!;
        // Such as "- : ", of which the library makes a key without a value.
        if (written is not (NodeEvent or AnchorAlias))
        {
            throw new YamlException(written.Start, written.End, "a value is missing");
        }
        _parser.MoveNext();
        var number = ++_nodes;
        YamlNode node = written switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, PlaceOf(scalar.Start), TagOf(scalar)),
            SequenceStart list => new YamlList(Items(), PlaceOf(list.Start), TagOf(list)),
            MappingStart map => new YamlMap(Entries(), PlaceOf(map.Start), TagOf(map)),
            _ => _anchored[((AnchorAlias)written).Value].Node,
        };
        // A name that is given again counts from there on, also if that was inside of this node, which ends behind it.
        if (written is NodeEvent { Anchor: { IsEmpty: false } anchor } && !(_anchored.TryGetValue(anchor, out var other) && other.Number > number))
        {
            _anchored[anchor] = (number, node);
        }
        return node;
    }

    private List<YamlNode> Items()
    {
        var items = new List<YamlNode>();
        while (_parser.Current is not SequenceEnd)
        {
            items.Add(Node());
        }
        _parser.MoveNext();
        return items;
    }

    private List<KeyValuePair<YamlNode, YamlNode>> Entries()
    {
        var entries = new List<KeyValuePair<YamlNode, YamlNode>>();
        HashSet<YamlNode>? keys = null;
        while (_parser.Current is not MappingEnd)
        {
            YamlNode key = Node(),
                value = Node();
            if (entries.Count == FewKeys)
            {
                keys = [.. entries.Select(entry => entry.Key)];
            }
            if (keys is null ? Has(entries, key) : !keys.Add(key))
            {
                throw new SigmaException(key, $"not YAML: Duplicate key {key}");
            }
            entries.Add(new(key, value));
        }
        _parser.MoveNext();
        return entries;
    }

    private static bool Has(List<KeyValuePair<YamlNode, YamlNode>> entries, YamlNode key)
    {
        foreach (var (other, _) in entries)
        {
            if (other.Equals(key))
            {
                return true;
            }
        }
        return false;
    }

    private static string? TagOf(NodeEvent node) => node.Tag.IsEmpty ? null : node.Tag.Value;

    private RulePlace PlaceOf(Mark mark) => new(file, Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));
}

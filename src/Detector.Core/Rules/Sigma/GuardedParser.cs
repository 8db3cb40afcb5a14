using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Detector.Core.Rules.Sigma;

/// <summary>
/// Stops a YAML text that would exhaust the reader: nesting that overflows the stack; aliases of aliases, by which a small text stands for a huge or endless tree;
/// aliases of what is not there yet, whose stand-ins the library compares without end.
/// </summary>
internal sealed class GuardedParser(IParser inner) : IParser
{
    private const int MaxDepth = 64;
    private const int MaxAliases = 32;

    private readonly HashSet<AnchorName> _anchors = [];
    private int _depth;
    private int _anchored; // the depth of the outermost container that has an anchor, or 0
    private int _aliases;

    public ParsingEvent? Current => inner.Current;

    public bool MoveNext()
    {
        if (!inner.MoveNext())
        {
            return false;
        }
        if (inner.Current is NodeEvent { Anchor.IsEmpty: false } node)
        {
            _anchors.Add(node.Anchor);
        }
        switch (inner.Current)
        {
            case DocumentStart:
                _anchors.Clear();
                break;
            case MappingStart or SequenceStart when ++_depth > MaxDepth:
                throw new YamlException(inner.Current.Start, inner.Current.End, $"nested more than {MaxDepth} deep");
            case MappingStart or SequenceStart when _anchored == 0 && inner.Current is NodeEvent { Anchor.IsEmpty: false }:
                _anchored = _depth;
                break;
            case MappingEnd or SequenceEnd:
                _anchored = _depth == _anchored ? 0 : _anchored;
                _depth--;
                break;
            case AnchorAlias when _anchored > 0:
                throw new YamlException(inner.Current.Start, inner.Current.End, "an alias inside of what another alias may stand for");
            case AnchorAlias alias when !_anchors.Contains(alias.Value):
                throw new YamlException(alias.Start, alias.End, $"alias '{alias.Value}' of what is not there yet");
            case AnchorAlias when ++_aliases > MaxAliases:
                throw new YamlException(inner.Current.Start, inner.Current.End, $"more than {MaxAliases} aliases");
        }
        return true;
    }
}

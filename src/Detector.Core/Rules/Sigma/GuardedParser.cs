using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Detector.Core.Rules.Sigma;

/// <summary>Stops a YAML text that would exhaust the reader: nesting that overflows the stack, aliases that make a small text stand for a huge tree.</summary>
internal sealed class GuardedParser(IParser inner) : IParser
{
    private const int MaxDepth = 64;
    private const int MaxAliases = 32;

    private int _depth;
    private int _aliases;

    public ParsingEvent? Current => inner.Current;

    public bool MoveNext()
    {
        if (!inner.MoveNext())
        {
            return false;
        }
        switch (inner.Current)
        {
            case MappingStart or SequenceStart when ++_depth > MaxDepth:
                throw new YamlException(inner.Current.Start, inner.Current.End, $"nested more than {MaxDepth} deep");
            case MappingEnd or SequenceEnd:
                _depth--;
                break;
            case AnchorAlias when ++_aliases > MaxAliases:
                throw new YamlException(inner.Current.Start, inner.Current.End, $"more than {MaxAliases} aliases");
        }
        return true;
    }
}

using System.Globalization;

namespace Detector.Core.Rules.Sigma;

/// <summary>
/// Reads a condition: <c>not</c> binds tighter than <c>and</c>, that tighter than <c>or</c>; <c>1 of</c>, <c>any of</c> and <c>all of</c> take
/// <c>them</c> or a pattern of search identifiers.
/// </summary>
/// <remarks>Sigma specification 2.1, "Condition".</remarks>
internal sealed class ConditionParser
{
    private const int MaxDepth = 100;

    private readonly YamlNode _node;
    private readonly IReadOnlyDictionary<string, Condition> _searches;
    private readonly List<string> _tokens;
    private int _at;
    private int _depth;

    private ConditionParser(YamlNode node, IReadOnlyDictionary<string, Condition> searches)
    {
        _node = node;
        _searches = searches;
        _tokens = Tokens(Yaml.Text(node, "condition") ?? throw new SigmaException(node, "condition is empty"));
    }

    public static Condition Parse(YamlNode node, IReadOnlyDictionary<string, Condition> searches)
    {
        var parser = new ConditionParser(node, searches);
        var condition = parser.Or();
        return parser._at == parser._tokens.Count ? condition : throw parser.Unexpected();
    }

    private List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length; )
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
            }
            else if (text[i] is '(' or ')')
            {
                tokens.Add(text[i++].ToString());
            }
            else if (text[i] == '|')
            {
                throw new SigmaException(_node, "aggregations behind '|' (count, near, ...) are not part of Sigma 2", "write a correlation rule");
            }
            else
            {
                var start = i;
                while (i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '_' or '-' or '*' or '.' or '?'))
                {
                    i++;
                }
                if (i == start)
                {
                    throw new SigmaException(_node, $"'{StringInfo.GetNextTextElement(text, i)}' has no meaning in a condition");
                }
                tokens.Add(text[start..i]);
            }
        }
        return tokens;
    }

    private Condition Or() => Chain("or", static parser => parser.And(), DetectionParser.Any);

    private Condition And() => Chain("and", static parser => parser.Not(), DetectionParser.All);

    private static bool Is(string token, string word) => token.Equals(word, StringComparison.OrdinalIgnoreCase);

    private Condition Chain(string word, Func<ConditionParser, Condition> operand, Func<Condition[], Condition> join)
    {
        var parts = new List<Condition> { operand(this) };
        while (TryTake(word))
        {
            parts.Add(operand(this));
        }
        return join([.. parts]);
    }

    private Condition Not()
    {
        if (++_depth > MaxDepth)
        {
            throw new SigmaException(_node, $"the condition is nested more than {MaxDepth} deep");
        }
        var condition = TryTake("not") ? new Condition.Not(Not()) : Operand();
        _depth--;
        return condition;
    }

    private Condition Operand()
    {
        if (_at == _tokens.Count)
        {
            throw Unexpected();
        }
        var token = _tokens[_at++];
        if (token == "(")
        {
            var inner = Or();
            return TryTake(")") ? inner : throw Unexpected();
        }
        if ((token == "1" || Is(token, "any") || Is(token, "all")) && TryTake("of"))
        {
            return Quantified(all: Is(token, "all"));
        }
        if (_searches.TryGetValue(token, out var search))
        {
            return search;
        }
        if (Is(token, "near"))
        {
            throw new SigmaException(_node, "near is not part of Sigma 2", "write a temporal correlation");
        }
        throw token is ")" || Is(token, "and") || Is(token, "or") || Is(token, "of")
            ? Unexpected(token)
            : new SigmaException(_node, $"the condition names '{token}', which the detection does not define");
    }

    private Condition Quantified(bool all)
    {
        if (_at == _tokens.Count)
        {
            throw Unexpected();
        }
        var pattern = _tokens[_at++];
        var them = Is(pattern, "them");
        Condition[] chosen =
        [
            .. _searches
                .Where(s => them ? !s.Key.StartsWith('_') : Matches(s.Key, pattern) && (pattern.StartsWith('_') || !s.Key.StartsWith('_')))
                .Select(s => s.Value),
        ];
        if (chosen.Length == 0 && (all || !pattern.Contains('*', StringComparison.Ordinal)))
        {
            throw new SigmaException(_node, $"'{(all ? "all" : "1")} of {pattern}' finds no search identifier");
        }
        return all ? DetectionParser.All(chosen) : DetectionParser.Any(chosen);
    }

    private static bool Matches(string name, string pattern)
    {
        var pieces = pattern.Split('*');
        if (pieces.Length == 1)
        {
            return name == pattern;
        }
        if (
            !name.StartsWith(pieces[0], StringComparison.Ordinal)
            || !name.EndsWith(pieces[^1], StringComparison.Ordinal)
            || name.Length < pieces[0].Length + pieces[^1].Length
        )
        {
            return false;
        }
        var at = pieces[0].Length;
        foreach (var piece in pieces[1..^1])
        {
            var found = name.IndexOf(piece, at, name.Length - pieces[^1].Length - at, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }
            at = found + piece.Length;
        }
        return true;
    }

    private bool TryTake(string word)
    {
        if (_at < _tokens.Count && Is(_tokens[_at], word))
        {
            _at++;
            return true;
        }
        return false;
    }

    private SigmaException Unexpected(string? token = null)
    {
        token ??= _at < _tokens.Count ? _tokens[_at] : null;
        return new SigmaException(_node, token is null ? "the condition ends where more is expected" : $"'{token}' stands in the wrong place of the condition");
    }
}

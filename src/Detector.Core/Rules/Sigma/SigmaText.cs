using System.Text;

namespace Detector.Core.Rules.Sigma;

/// <summary>
/// Reads Sigma's strings: <c>*</c> and <c>?</c> are wildcards, a backslash makes one of them or a backslash literal, and before anything else is itself.
/// </summary>
/// <remarks>Sigma specification 2.1, "Escaping".</remarks>
internal static class SigmaText
{
    public static TextPattern Pattern(string text, bool cased = false)
    {
        if (!text.AsSpan().ContainsAny('*', '?', '\\'))
        {
            return TextPattern.Exactly(text, cased);
        }
        var pieces = new List<TextPiece>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length && text[i + 1] is '*' or '?' or '\\':
                    literal.Append(text[++i]);
                    break;
                case '*':
                    Flush();
                    // Runs of * mean no more than one.
                    if (pieces is not [.., { Kind: TextPieceKind.AnyRun }])
                    {
                        pieces.Add(TextPiece.AnyRun);
                    }
                    break;
                case '?':
                    Flush();
                    pieces.Add(TextPiece.AnyOne);
                    break;
                default:
                    literal.Append(text[i]);
                    break;
            }
        }
        Flush();
        return new TextPattern(pieces, cased);

        void Flush()
        {
            if (literal.Length > 0)
            {
                pieces.Add(TextPiece.Literal(literal.ToString()));
                literal.Clear();
            }
        }
    }

    /// <summary>The pattern with anything allowed before it, behind it, or both.</summary>
    public static TextPattern Open(this TextPattern pattern, bool before, bool behind)
    {
        if (!before && !behind)
        {
            return pattern;
        }
        var pieces = pattern.Pieces.ToList();
        if (before && pieces is not [{ Kind: TextPieceKind.AnyRun }, ..])
        {
            pieces.Insert(0, TextPiece.AnyRun);
        }
        if (behind && pieces is not [.., { Kind: TextPieceKind.AnyRun }])
        {
            pieces.Add(TextPiece.AnyRun);
        }
        return pattern with { Pieces = pieces.ToArray() };
    }
}

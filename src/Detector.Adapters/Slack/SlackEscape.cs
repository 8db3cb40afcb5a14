using System.Text;
using System.Text.RegularExpressions;

namespace Detector.Adapters.Slack;

/// <summary>Slack's control characters. Source: Slack's guide "Formatting message text", part "Escaping text".</summary>
internal static partial class SlackEscape
{
    /// <summary>Escaped text with code spans, cut between pieces: neither an entity nor a span is cut in half, and what is cut ends in <c>…</c>.</summary>
    public static string Cut(string text, int limit)
    {
        if (text.Length <= limit)
            return text;
        var end = 0;
        foreach (var piece in Piece.EnumerateMatches(text))
        {
            if (piece.Index + piece.Length >= limit)
                break;
            end = piece.Index + piece.Length;
        }
        return text[..end] + "…";
    }

    /// <summary>
    /// The text with <c>&amp; &lt; &gt;</c> as entities, at most <paramref name="limit"/> characters long. What is cut ends in <c>…</c>; no
    /// entity and no character is cut in half.
    /// </summary>
    public static string Entities(string text, int limit)
    {
        var escaped = new StringBuilder(text.Length);
        var cutAt = 0; // the last end of a character that leaves room for the ellipsis
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                _ => escaped.Append(rune),
            };
            if (escaped.Length > limit)
                return escaped.Remove(cutAt, escaped.Length - cutAt).Append('…').ToString();
            if (escaped.Length < limit)
                cutAt = escaped.Length;
        }
        return escaped.ToString();
    }

    [GeneratedRegex("`[^`]*`|&[a-z]+;|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|.", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Piece { get; }
}

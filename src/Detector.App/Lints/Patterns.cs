using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>What can be said of patterns without an event.</summary>
internal static class Patterns
{
    /// <summary>Whether a value meets the pattern.</summary>
    public static bool CanBe(this TextPattern pattern, string value)
    {
        var comparison = pattern.Cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        // How far into the value the pieces so far may reach.
        var reached = new HashSet<int> { 0 };
        foreach (var piece in pattern.Pieces)
        {
            reached = piece.Kind switch
            {
                TextPieceKind.AnyRun => reached.Count == 0 ? reached : [.. Enumerable.Range(reached.Min(), value.Length - reached.Min() + 1)],
                TextPieceKind.AnyOne => [.. reached.Where(at => at < value.Length).Select(at => at + 1)],
                _ => [.. reached.Where(at => value.AsSpan(at).StartsWith(piece.Text, comparison)).Select(at => at + piece.Text.Length)],
            };
        }
        return reached.Contains(value.Length);
    }

    /// <summary>The literals alone: what finds a value again in the text of its rule.</summary>
    public static string Literals(this TextPattern pattern) => string.Concat(pattern.Pieces.Select(piece => piece.Text));
}

using System.Globalization;
using System.Text;

namespace Detector.App;

/// <summary>
/// Makes text from outside fit for one line of a terminal. Control characters could move the cursor or forge a second line, format
/// characters (such as right-to-left overrides) could show a text as another: both come out as <c>\u001b</c>.
/// </summary>
internal static class OneLine
{
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') || !text.EnumerateRunes().Any(IsUnfit))
            return text;
        var clean = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsUnfit(rune))
                clean.Append(rune);
            else if (rune.IsBmp)
                clean.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                clean.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }
        return clean.ToString();
    }

    private static bool IsUnfit(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}

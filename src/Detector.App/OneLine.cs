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
        if (!text.Any(IsUnfit))
            return text;
        var clean = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (IsUnfit(character))
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                clean.Append(character);
        }
        return clean.ToString();
    }

    private static bool IsUnfit(char character) =>
        char.GetUnicodeCategory(character)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}

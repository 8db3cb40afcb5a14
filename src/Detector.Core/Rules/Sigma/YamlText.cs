namespace Detector.Core.Rules.Sigma;

/// <summary>YAML as the library can read it.</summary>
public static class YamlText
{
    // YAML 1.1, which the library reads: "5.4. Line Break Characters".
    private const string Breaks = "\n\r\u0085\u2028\u2029";

    /// <summary>
    /// The text, its last line ended if that is a directive (<c>%NAME ...</c>): the library looks for the end of such a line for half a minute where the text has none and is as
    /// long as the library's buffer, 1,024 characters, or a multiple. Other last lines stay as they are, for a text that a break ends is not the same text.
    /// </summary>
    public static string Ended(string text) => text.AsSpan(text.AsSpan().LastIndexOfAny(Breaks) + 1) is ['%', ..] ? text + "\n" : text;
}

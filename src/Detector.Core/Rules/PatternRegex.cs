using System.Text.RegularExpressions;

namespace Detector.Core.Rules;

/// <summary>Compiles <c>re</c> values so that no pattern, however written, can make a record take unbounded time.</summary>
internal static class PatternRegex
{
    // Only for patterns with look-around or back-references, which the linear-time engine does not know.
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);

    /// <summary>Tells only whether a pattern is one: what asks it of records takes far longer to make, and is made when it first is.</summary>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public static void Check(FieldTest.Matches test) => _ = new Regex(PatternOf(test), OptionsOf(test), Limit);

    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public static Regex Compile(FieldTest.Matches test)
    {
        try
        {
            return new Regex(PatternOf(test), OptionsOf(test) | RegexOptions.NonBacktracking, Limit);
        }
        catch (NotSupportedException)
        {
            return new Regex(PatternOf(test), OptionsOf(test), Limit);
        }
    }

    /// <summary>Whether the text matches; a pattern that runs out of time does not.</summary>
    public static bool MatchesInTime(this Regex regex, string text)
    {
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    // Sigma's patterns are PCRE, where a named group may be written (?P<name>...).
    private static string PatternOf(FieldTest.Matches test) => test.Pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);

    private static RegexOptions OptionsOf(FieldTest.Matches test) =>
        RegexOptions.CultureInvariant
        | (test.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None)
        | (test.Multiline ? RegexOptions.Multiline : RegexOptions.None)
        | (test.Singleline ? RegexOptions.Singleline : RegexOptions.None);
}

using System.Text.RegularExpressions;

namespace Detector.Core.Rules;

/// <summary>Compiles <c>re</c> values so that no pattern, however written, can make a record take unbounded time.</summary>
internal static class PatternRegex
{
    // Only for patterns with look-around or back-references, which the linear-time engine does not know.
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);

    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public static Regex Compile(FieldTest.Matches test)
    {
        var options = RegexOptions.CultureInvariant;
        options |= test.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None;
        options |= test.Multiline ? RegexOptions.Multiline : RegexOptions.None;
        options |= test.Singleline ? RegexOptions.Singleline : RegexOptions.None;
        // Sigma's patterns are PCRE, where a named group may be written (?P<name>...).
        var pattern = test.Pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, Limit);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, options, Limit);
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
}

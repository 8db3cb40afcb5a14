namespace Detector.Core.Policies;

/// <summary>IAM's wildcards: <c>*</c> for any run of characters, also none and also across colons and slashes, <c>?</c> for exactly one.</summary>
internal static class Wildcard
{
    /// <summary>
    /// Whether a text matches a pattern, letter case included. Goes back to the last star only, so time is bounded by the product of both lengths, and
    /// by the text alone where the pattern is long.
    /// </summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0,
            t = 0,
            star = -1,
            resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }
        return pattern[p..].TrimStart('*').IsEmpty;
    }

    /// <summary>The place of the first wildcard, or -1.</summary>
    public static int First(ReadOnlySpan<char> pattern) => pattern.IndexOfAny('*', '?');

    /// <summary>The same pattern with one star for a run of stars, so that matching does not depend on how many were written.</summary>
    public static string Collapse(string pattern)
    {
        if (!pattern.Contains("**", StringComparison.Ordinal))
        {
            return pattern;
        }
        var buffer = new char[pattern.Length];
        var length = 0;
        foreach (var letter in pattern)
        {
            if (letter != '*' || length == 0 || buffer[length - 1] != '*')
            {
                buffer[length++] = letter;
            }
        }
        return new string(buffer, 0, length);
    }
}

using System.Text.RegularExpressions;

namespace Detector.Adapters.Reports;

/// <summary>
/// Takes from a caller's text what mail programs and phones make links of: nobody shall reach an attacker's page by a tap on an alert. As analysts write it,
/// <c>https://evil.example</c> becomes <c>https[:]//evil[.]example</c>.
/// </summary>
internal static partial class Unlinked
{
    /// <summary>The text without links. AWS's own service names, such as <c>iam.amazonaws.com</c>, stay as they are, and so do names of files.</summary>
    public static string Of(string text) =>
        text.AsSpan().ContainsAny('.', ':') ? Scheme.Replace(Dot.Replace(text, dot => IsAwsName(text, dot) ? dot.Value : "[.]"), "[:]") : text;

    private static bool IsAwsName(string text, Match dot)
    {
        foreach (var name in AwsName.EnumerateMatches(text))
        {
            if (name.Index <= dot.Index && dot.Index < name.Index + name.Length)
                return true;
        }
        return false;
    }

    // json and gz are no top-level domains: IANA's root zone.
    [GeneratedRegex(@"(?<=[\w-])\.(?=(?:[\w-]+\.)*(?!(?:json|jsonl|gz)\b)[a-z]{2})|(?<=www)\.", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Dot { get; }

    [GeneratedRegex(@"(?<=[a-z0-9+.-]):(?=//)|(?<=mailto|tel|javascript):", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Scheme { get; }

    [GeneratedRegex(@"(?<![\w.@/-])[a-z0-9-]+\.amazonaws\.com(?![\w./-])", RegexOptions.None, 1000)]
    private static partial Regex AwsName { get; }
}

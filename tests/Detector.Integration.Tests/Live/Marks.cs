using System.Text.RegularExpressions;

namespace Detector.Integration.Tests.Live;

/// <summary>Finds the marks that <see cref="Trail"/> gives its records in what the sinks got.</summary>
internal static partial class Marks
{
    /// <summary>The mark of each body; nothing for one that has none.</summary>
    public static IReadOnlyList<string> In(IEnumerable<string> bodies) =>
        [.. bodies.Select(body => Mark().Match(body)).Where(match => match.Success).Select(match => match.Value)];

    /// <summary>Every mark of one body, once each.</summary>
    public static IReadOnlySet<string> AllIn(string body) => Mark().Matches(body).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex("drill-[a-z]+-[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mark();
}

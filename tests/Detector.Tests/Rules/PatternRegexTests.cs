using System.Text.RegularExpressions;
using Detector.Core.Rules;

namespace Detector.Tests.Rules;

/// <summary>What a caller writes into a field must not decide how long a rule takes.</summary>
public sealed class PatternRegexTests
{
    /// <summary>Each takes time that doubles with every letter, where a regular expression is tried by going back.</summary>
    private static readonly string Choking = new string('a', 100_000) + "!";

    [Fact]
    public void MatchesInTime_PatternThatWouldGoBack_EndsAndAnswers()
    {
        Assert.False(Compile("^(a+)+$").MatchesInTime(Choking));
        Assert.True(Compile("^(a+)+!$").MatchesInTime(Choking));
    }

    [Fact]
    public void MatchesInTime_LookAroundThatRunsOutOfTime_IsNotMet() => Assert.False(Compile("^(?=(a+)+$)a").MatchesInTime(Choking));

    [Fact]
    public void Compile_ShippedRules_NeedNoLookAroundAndNoBackReference()
    {
        var patterns = Directory
            .EnumerateFiles(Places.Rules, "rule.yml", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Where(line => line.Contains("|re", StringComparison.Ordinal) && line.Contains(": '", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(": '", StringComparison.Ordinal) + 3)..line.LastIndexOf('\'')])
            .ToList();

        Assert.NotEmpty(patterns);
        Assert.All(patterns, pattern => Assert.True(Compile(pattern).Options.HasFlag(RegexOptions.NonBacktracking), pattern));
    }

    private static Regex Compile(string pattern) =>
        PatternRegex.Compile(new FieldTest.Matches(pattern, IgnoreCase: false, Multiline: false, Singleline: false));
}

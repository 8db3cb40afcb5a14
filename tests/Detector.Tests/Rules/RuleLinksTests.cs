using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;

namespace Detector.Tests.Rules;

public sealed class RuleLinksTests
{
    private const string A = "title: title a\nid: id-a\nname: a\nlogsource: {product: aws}\ndetection: {s: {eventName: A}, condition: s}\n";
    private const string B = "title: title b\nid: id-b\nname: b\nlogsource: {product: aws}\ndetection: {s: {eventName: B}, condition: s}\n";

    [Theory]
    [InlineData("id-a", 0)]
    [InlineData("a", 0)]
    [InlineData("title a", 1)]
    public void Correlation_ReferenceByAnyName_IsResolved(string reference, int warnings)
    {
        var rules = Compile(A, Correlation("c", reference));

        Assert.Equal(["id-a"], Assert.Single(rules.Correlations).Rules);
        Assert.Equal(warnings, rules.Warnings.Count);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("A")]
    [InlineData("c")] // itself
    public void Correlation_ReferenceToNothing_IsLeftOutAndTold(string reference)
    {
        var rules = Compile(A, Correlation("c", $"a, {reference}"));

        Assert.Empty(rules.Correlations);
        Assert.Contains(rules.Warnings, warning => warning.ToString().Contains("left out", StringComparison.Ordinal));
        Assert.True(rules.AlertsByItself(rules.Detections[0]), "its rules alert by themselves then");
    }

    [Fact]
    public void Correlation_Cycle_LeavesOutAllThatHangOnItAndNoOther()
    {
        var rules = Compile(
            A,
            Correlation("one", "two"),
            Correlation("two", "three, a"),
            Correlation("three", "one"),
            Correlation("on top", "one"),
            Correlation("sound", "a")
        );

        Assert.Equal(["sound"], rules.Correlations.Select(rule => rule.Name));
    }

    [Fact]
    public void Correlation_Chain_StandsBehindWhatItBuildsOn()
    {
        var rules = Compile(Correlation("third", "second, first"), Correlation("second", "first"), Correlation("first", "a"), A);

        Assert.Equal(["first", "second", "third"], rules.Correlations.Select(rule => rule.Name));
    }

    [Theory]
    [InlineData("any", "id-a id-b")]
    [InlineData("[]", "id-a id-b")]
    [InlineData("[a]", "id-a")]
    [InlineData("[id-b, title a]", "id-a id-b")]
    [InlineData("a", "id-a")]
    [InlineData("[nobody]", "")]
    [InlineData("[c]", "")]
    public void Filter_Rules_NarrowsThose(string named, string narrowed)
    {
        var filter = $"title: f\nlogsource: {{product: aws}}\nfilter: {{rules: {named}, s: {{user: admin}}, condition: not s}}\n";

        var rules = Compile(A, B, Correlation("c", "a"), filter);

        var plain = Compile(A, B).Detections;
        Assert.Equal(
            narrowed.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            rules
                .Detections.Zip(plain)
                .Where(pair => pair.First.Condition is Condition.And && pair.Second.Condition is not Condition.And)
                .Select(pair => pair.First.Key)
        );
        Assert.Equal(narrowed.Length == 0 || named.Contains("title", StringComparison.Ordinal), rules.Warnings.Count > 0);
    }

    private static string Correlation(string name, string rules) =>
        $"title: {name}\nname: {name}\ncorrelation: {{type: event_count, rules: [{rules}], timespan: 1m, condition: {{gte: 2}}}}\n";

    private static RuleSet Compile(params string[] files)
    {
        var read = files.Select((text, n) => SigmaReader.Read($"{n}.yml", text)).ToArray();
        Assert.Empty(read.SelectMany(file => file.Errors));
        return RuleSet.Compile([.. read.SelectMany(file => file.Rules)]);
    }
}

using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;

namespace Detector.Tests.Rules;

public sealed class RuleSetTests
{
    [Fact]
    public void Compile_SharedId_BothWorkUnderKeysOfTheirOwnAndAWarning()
    {
        var rules = Compile(Rule("one", "A", "same-id"), Rule("two", "A", "same-id"), Rule("two", "A", "same-id"));

        Assert.Equal(["same-id", "same-id two", "same-id two 2"], rules.Detections.Select(r => r.Key));
        Assert.Equal(2, rules.Warnings.Count);
        Assert.Equal(["one", "two", "two"], Matching.Run(rules, """{"eventName":"A"}""")[0]);
    }

    [Fact]
    public void Compile_CorrelationByIdNameOrTitle_Resolved()
    {
        var named = Rule("titled", "A", null).Replace("logsource", "name: named\nlogsource", StringComparison.Ordinal);

        var rules = Compile(Rule("one", "A", "the-id"), named, Rule("three", "A", null), Correlation("the-id"), Correlation("named"), Correlation("three"));

        Assert.Equal(
            [
                ["the-id"],
                ["titled"],
                ["three"],
            ],
            rules.Correlations.Select(c => c.Rules)
        );
    }

    [Fact]
    public void Compile_CorrelationOfNothing_LeftOutWithAWarning()
    {
        var rules = Compile(Rule("one", "A", null), Correlation("two"));

        Assert.Empty(rules.Correlations);
        Assert.Contains("it correlates 'two', which is not loaded", Assert.Single(rules.Warnings).ToString(), StringComparison.Ordinal);
        Assert.True(rules.AlertsByItself(rules.Detections[0]));
    }

    [Fact]
    public void AlertsByItself_CorrelatedRule_OnlyIfSomeCorrelationGenerates()
    {
        var quiet = Compile(Rule("one", "A", null), Correlation("one"));
        var loud = Compile(Rule("one", "A", null), Correlation("one"), Correlation("one", "generate: true"));

        Assert.False(quiet.AlertsByItself(quiet.Detections[0]));
        Assert.True(loud.AlertsByItself(loud.Detections[0]));
    }

    [Theory]
    [InlineData("""{"s": {"eventName": "A"}, "condition": "s"}""", false)]
    [InlineData("""{"s": {"eventName": ["A", "B"]}, "t": {"eventName": "C"}, "condition": "s or t"}""", false)]
    [InlineData("""{"s": {"eventSource": "iam.amazonaws.com"}, "condition": "s"}""", false)]
    [InlineData("""{"s": {"errorCode": "AccessDenied"}, "condition": "s"}""", false)]
    [InlineData("""{"s": {"eventName|startswith": "A"}, "condition": "s"}""", true)]
    [InlineData("""{"s": {"eventName": "A"}, "condition": "not s"}""", true)]
    [InlineData("""{"s": {"eventName": "A"}, "t": {"x": "y"}, "condition": "s or t"}""", true)]
    [InlineData("""{"k": ["word"], "condition": "k"}""", true)]
    public void TriedAlways_Rule_IfItsConditionImpliesNoFewValuedField(string detection, bool expected)
    {
        var rules = Matching.Load([("r.yml", Matching.RuleAround(detection))]);

        Assert.Equal(expected, rules.TriedAlways.Count == 1);
    }

    [Fact]
    public void Match_RuleThatWantsTwoNames_OnlyOfAnArray()
    {
        var rules = Matching.Load([
            ("both.yml", Matching.RuleAround("""{"s": {"eventName": "A"}, "t": {"eventName": "B"}, "condition": "s and t"}""")),
            ("nobody.yml", Matching.RuleAround("""{"s": {"eventName": "A"}, "condition": "1 of x_*"}""")),
            ("a.yml", Rule("a", "A", null)),
        ]);

        Assert.Equal(["a"], Matching.Run(rules, """{"eventName":"A"}""")[0]);
        Assert.Equal(["t", "a"], Matching.Run(rules, """{"eventName":["B","a"]}""")[0]);
    }

    [Fact]
    public void Only_Correlation_BringsWhatItBuildsOn()
    {
        var rules = Compile(Rule("a", "A", "id-a"), Rule("b", "B", "id-b"), Correlation("id-a"), Correlation("correlation of id-a 0", "generate: false"));

        var only = rules.Only([rules.Correlations[1]]);

        Assert.Equal(["a"], only.Detections.Select(rule => rule.Title));
        Assert.Equal(rules.Correlations.Select(rule => rule.Key), only.Correlations.Select(rule => rule.Key));
        Assert.Empty(rules.Only([rules.Detections[1]]).Correlations);
    }

    private static RuleSet Compile(params string[] texts) => RuleSet.Compile([.. texts.SelectMany(t => SigmaReader.Read("r.yml", t).Rules)]);

    private static string Rule(string title, string eventName, string? id) =>
        $"title: {title}\n{(id is null ? "" : $"id: {id}\n")}logsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{eventName: {eventName}}}, condition: s}}\n";

    private static string Correlation(string rule, string more = "") =>
        $"title: correlation of {rule} {more.Length}\ncorrelation:\n  type: event_count\n  rules: [{rule}]\n  timespan: 5m\n  condition: {{gte: 2}}\n  {more}\n";
}

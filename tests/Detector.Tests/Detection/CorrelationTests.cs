using Detector.Tests.Rules;

namespace Detector.Tests.Detection;

/// <summary>Each type of correlation, as tables: marbles in, everything told out. See <see cref="Stage"/>.</summary>
public sealed class CorrelationTests
{
    private const string ThreeInTen = "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 3}";

    [Theory]
    [InlineData("a1@0/x a2@5/x a3@10/x", "c@10 x [a1 a2 a3]")] // exactly the timespan is inside
    [InlineData("a1@0/x a2@5/x a3@11/x", null)]
    [InlineData("a1@0/x a2@5/x a3@11/x a4@12/x", "c@12 x [a2 a3 a4]")] // the window slides
    [InlineData("a1@0/x a2@1/y a3@2/x a4@3/y a5@4/x a6@5/y", "c@4 x [a1 a3 a5]; c@5 y [a2 a4 a6]")]
    [InlineData("a1@0/x a2@1/x a3@2/x a4@3/x a5@4/x", "c@2 x [a1 a2 a3]")] // after firing it begins afresh
    [InlineData("a1@0/x a1@0/x a2@1/x a2@1/x", null)] // a record delivered twice counts once
    [InlineData("a1@0 a2@1 a3@2", null)] // without the field to group by, no part
    [InlineData("b1@0/x b2@1/x b3@2/x", "b@0 [b1]; b@1 [b2]; b@2 [b3]")] // nobody's business: a plain finding each
    public void EventCount_AtLeastThree_TellsWindows(string marbles, string? told) => Check(ThreeInTen, marbles, told);

    [Fact]
    public void EventCount_SixInOneSecond_FireTwice()
    {
        var findings = Stage.Play(ThreeInTen, "a1@0/x a2@0/x a3@0/x a4@0/x a5@0/x a6@0/x");

        Assert.Equal(2, findings.Count);
        Assert.Equal(["a1", "a2", "a3", "a4", "a5", "a6"], findings.SelectMany(told => told.Split('[', ']')[1].Split(' ')).Order());
    }

    [Theory]
    [InlineData("a1@0 b1@1", "c@1 [a1 b1]")] // the first two of three
    [InlineData("b1@0 a1@1", null)]
    public void TemporalOrdered_Bound_WantsThatManyFromTheFirstOn(string marbles, string? told) =>
        Check("type: temporal_ordered, rules: [a, b, a], timespan: 10s, condition: {gte: 2}", marbles, told);

    [Fact]
    public void EventCount_EventThatTwoRulesMatch_CountsOnce()
    {
        var twin = Matching.RuleAround("{s: {eventName: a}, condition: s}");
        using var stage = new Stage(
            Matching.Load([
                ("a.yml", "name: a\nid: a\n" + twin),
                ("b.yml", "name: b\nid: b\n" + twin),
                ("c.yml", "title: c\nname: c\ncorrelation: {type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 2}}\n"),
            ])
        );

        stage.Send("a1@0/x");
        stage.Send("a2@11/x");
        stage.End();

        Assert.Empty(stage.Told);
    }

    [Fact]
    public void EventCount_NoGroup_CountsAll() => Check("type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 2}", "a1@0/x b1@1/y", "c@1 [a1 b1]");

    [Theory]
    [InlineData("a1@0 a2@1", null)]
    [InlineData("a1@0 a2@1 a3@2", "c@2 [a1 a2 a3]")]
    public void EventCount_Range_FiresInsideIt(string marbles, string? told) =>
        Check("type: event_count, rules: [a], timespan: 10s, condition: {gt: 2, lte: 4}", marbles, told);

    [Theory]
    [InlineData("a1@0/x:1 a2@1/x:1 a3@2/x:1", null)]
    [InlineData("a1@0/x:1 a2@1/x a3@2/x:2 a4@3/x:3", "c@3 x [a1 a2 a3 a4]")] // a hit without a value is there, but does not count
    [InlineData("a1@0/x:1 a2@1/x:2 a3@2/x:1 a4@12/x:3", null)]
    [InlineData("a1@0/x:1 a2@1/x:2 a3@2/x:1 a4@12/x:3 a5@12/x:2", "c@12 x [a3 a4 a5]")]
    public void ValueCount_ThreeDistinct_TellsWindows(string marbles, string? told) =>
        Check("type: value_count, rules: [a], group-by: [user], timespan: 10s, condition: {field: value, gte: 3}", marbles, told);

    [Fact]
    public void ValueCount_SeveralFields_CountsTheirCombinations() =>
        Check(
            "type: value_count, rules: [a], timespan: 10s, condition: {field: [user, value], gte: 3}",
            "a1@0/x:1 a2@1/y:1 a3@2/x:1 a4@3/x a5@4/x:2",
            "c@4 [a1 a2 a3 a4 a5]"
        );

    [Theory]
    [InlineData("a1@0/x b1@5/x", "c@5 x [a1 b1]")]
    [InlineData("b1@0/x a1@5/x", "c@5 x [b1 a1]")]
    [InlineData("a1@0/x a2@1/x a3@2/x", null)]
    [InlineData("a1@0/x b1@5/y", null)]
    [InlineData("a1@0/x b1@11/x", null)]
    [InlineData("a1@0/x b1@1/x b2@2/x a2@3/x", "c@1 x [a1 b1]; c@3 x [b2 a2]")]
    public void Temporal_TwoRules_WantsEach(string marbles, string? told) =>
        Check("type: temporal, rules: [a, b], group-by: [user], timespan: 10s", marbles, told);

    [Fact]
    public void Temporal_WithCount_WantsAsManyRules() =>
        Check("type: temporal, rules: [a, b, d], timespan: 10s, condition: {gte: 2}", "a1@0 a2@1 d1@2", "c@2 [a1 a2 d1]");

    [Theory]
    [InlineData("a1@0/x b1@5/x", "c@5 x [a1 b1]")]
    [InlineData("b1@0/x a1@5/x", null)]
    [InlineData("b1@0/x a1@5/x b2@9/x", "c@9 x [b1 a1 b2]")]
    [InlineData("b1@3/x a1@3/x", "c@3 x [a1 b1]")] // the same second, the other way round in the file
    [InlineData("a9@3/x b1@3/x", "c@3 x [a9 b1]")] // and whichever identity comes first
    [InlineData("a1@0/x b1@11/x", null)]
    public void TemporalOrdered_TwoRules_WantsTheirOrder(string marbles, string? told) =>
        Check("type: temporal_ordered, rules: [a, b], group-by: [user], timespan: 10s", marbles, told, ordered: false);

    [Theory]
    [InlineData("a1@0 b1@1", null)]
    [InlineData("a1@0 b1@1 a2@2", "c@2 [a1 b1 a2]")]
    [InlineData("a1@0 b1@0 a2@0", "c@0 [a1 a2 b1]")]
    public void TemporalOrdered_RuleTwice_WantsAHitForEach(string marbles, string? told) =>
        Check("type: temporal_ordered, rules: [a, b, a], timespan: 10s", marbles, told, ordered: false);

    [Theory]
    [InlineData("a1@0:40 a2@1:59.5", null)]
    [InlineData("a1@0:40 a2@1:60.5", "c@1 [a1 a2]")]
    [InlineData("a1@0:40 a2@1:lots a3@2 a4@3:NaN a5@4:1e999 a6@5:60", "c@5 [a1 a2 a3 a4 a5 a6]")] // what is no number adds nothing
    [InlineData("a1@0:99 a2@11:99", null)]
    public void ValueSum_AtLeastHundred_TellsWindows(string marbles, string? told) =>
        Check("type: value_sum, rules: [a], timespan: 10s, condition: {field: value, gte: 100}", marbles, told);

    [Theory]
    [InlineData("a1@0:1 a2@1:8", null)]
    [InlineData("a1@0:1 a2@1:9", "c@1 [a1 a2]")]
    [InlineData("a1@0 a2@1:x", null)] // no numbers, no average
    [InlineData("a1@0:1 a2@11:5", "c@11 [a2]")]
    public void ValueAverage_AtLeastFive_TellsWindows(string marbles, string? told) =>
        Check("type: value_avg, rules: [a], timespan: 10s, condition: {field: value, gte: 5}", marbles, told);

    [Theory]
    [InlineData("a1@0:1 a2@1:2 a3@2:8", null)]
    [InlineData("a1@0:1 a2@1:2 a3@2:8 a4@3:9", "c@3 [a1 a2 a3 a4]")] // halfway between 2 and 8
    [InlineData("a1@0:6", "c@0 [a1]")]
    public void ValuePercentile_MedianAtLeastFive_TellsWindows(string marbles, string? told) =>
        Check("type: value_percentile, rules: [a], timespan: 10s, condition: {field: value, percentile: 50, gte: 5}", marbles, told);

    [Fact]
    public void Aliases_FieldsOfDifferentNames_MakeOneGroup() =>
        Check("type: temporal, rules: [a, b], group-by: [who], aliases: {who: {a: user, b: value}}, timespan: 10s", "a1@0/x:y b1@1/y:x", "c@1 x [a1 b1]");

    [Fact]
    public void Generate_OfTheCorrelation_TellsItsRulesToo() =>
        Check("type: event_count, rules: [a], timespan: 10s, generate: true, condition: {gte: 2}", "a1@0 a2@1", "a@0 [a1]; a@1 [a2]; c@1 [a1 a2]");

    [Fact]
    public void GroupBy_TwoFields_NeedsBoth() =>
        Check(
            "type: event_count, rules: [a], group-by: [user, value], timespan: 10s, condition: {gte: 2}",
            "a1@0/x a2@1/x:1 a3@2/x:2 a4@3/x:1",
            "c@3 x, 1 [a2 a4]"
        );

    private static void Check(string correlation, string marbles, string? told, bool ordered = true)
    {
        var findings = Stage.Play(correlation, marbles);

        // Events of one second stand in the order of their identities, which no reader knows by heart.
        Assert.Equal(Normal(told?.Split("; ") ?? []), Normal(findings));

        IEnumerable<string> Normal(IEnumerable<string> lines) => ordered ? lines : lines.Select(line => string.Concat(line.Split(' ', '[', ']').Order()));
    }
}

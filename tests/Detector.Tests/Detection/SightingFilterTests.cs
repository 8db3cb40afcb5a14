using System.Text;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;
using Detector.Tests.Rules;
using FsCheck.Fluent;

namespace Detector.Tests.Detection;

public sealed class SightingFilterTests
{
    [Theory]
    [InlineData(2, new[] { 1, 3, 4, 5, 6 })]
    [InlineData(100, new[] { 1, 3, 4 })]
    public void Match_SightingsBehindAnEarlierOne_PassedOverUnlessThatIsForgotten(int most, int[] expected)
    {
        // Minutes, and who is sighted: one a day each.
        string[] records = [Record(9, "a"), Record(10, "a"), Record(8, "a"), Record(1, "b"), Record(9, "a"), Record(2, "b")];

        Assert.Equal(expected, Matched(most, records));
    }

    [Fact]
    public void Match_HoweverLittleIsKnown_EarliestOfEachMatched() =>
        Property.Holds(
            from story in Gen.Choose(0, 99).ArrayOf(40)
            from most in Gen.Choose(1, 6)
            select (story, most),
            one =>
            {
                var seen = one.story.Select((x, n) => (Who: $"{x % 7}", Minute: x * 13 % 50, Number: n + 1)).ToArray();

                var matched = Matched(one.most, [.. seen.Select(x => Record(x.Minute, x.Who))]);

                Assert.Subset(matched.ToHashSet(), seen.GroupBy(x => x.Who).Select(who => who.MinBy(x => x.Minute).Number).ToHashSet());
            },
            200
        );

    [Fact]
    public void Match_RuleThatAsksForWhatIsNotTakenOfEveryRecord_FirstThatMeetsItCounts()
    {
        string[] records = [Record(1, "a"), Record(5, "a", "y"), Record(6, "a", "y"), Record(3, "a", "y"), Record(2, "a", "z")];
        const string condition = "s: {userIdentity.type: IAMUser, requestParameters.x: y}, condition: s";

        Assert.Equal([2, 4], Matched(100, records, condition));
        Assert.DoesNotContain("requestParameters.x", Load(condition).Selection.Fields.Paths);
    }

    private static RuleSet Load(string condition) =>
        Matching.Load([("t.yml", $"{Matching.RuleAround($"{{{condition}}}")}detector: {{sighting: {{by: [userIdentity.userName], per: 1d}}}}")]);

    /// <summary>Which of the records, counted from 1, meet the rule as far as the filter lets them.</summary>
    private static List<int> Matched(int most, string[] records, string condition = "s: {userIdentity.type: IAMUser}, condition: s")
    {
        var rules = Load(condition);
        var matcher = new RuleMatcher(rules);
        var filter = new SightingFilter(rules, most);
        var reader = new RecordReader(Encoding.UTF8.GetBytes(string.Join('\n', records)), rules.Selection, new FieldTable());
        var matched = new List<int>();
        while (reader.Read(out var record) == ReadResult.Record)
        {
            filter.NextRecord(record.EventTime);
            if (matcher.Match(record, filter).Count > 0)
            {
                matched.Add(record.Index + 1);
            }
        }
        return matched;
    }

    private static string Record(int minute, string who, string? x = null) =>
        $$"""
            {"eventVersion":"1.11","eventID":"e","eventName":"DescribeInstances","eventSource":"ec2.amazonaws.com","eventTime":"2026-03-03T10:{{minute:00}}:00Z","userIdentity":{"type":"IAMUser","userName":"{{who}}"},"requestParameters":{"x":"{{x}}"} }
            """;
}

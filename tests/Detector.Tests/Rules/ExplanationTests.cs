using System.Text;
using Detector.Core.Rules;

namespace Detector.Tests.Rules;

public sealed class ExplanationTests
{
    [Fact]
    public void Of_MixedCondition_ShowsEachLeafWithWhatWasFound()
    {
        const string detection =
            "{created: {eventName: CreateAccessKey, errorCode: null, userAgent|contains: cli}, by: {userIdentity.type: [Root, IAMUser]}, condition: created and not by}";
        const string record =
            """{"eventName": "CreateAccessKey", "errorCode": "AccessDenied", "userAgent": "aws-\u0063li", "userIdentity": {"type": "Root"}}""";

        var explanation = Explain(detection, record);

        Assert.False(explanation.Holds);
        Assert.Equal(
            [
                "all of ✗",
                "  all of ✗",
                "    eventName = CreateAccessKey ✓",
                "    errorCode = null ✗ (found AccessDenied)",
                "    userAgent contains cli ✓ (found aws-cli)",
                "  not userIdentity.type: any of Root, IAMUser ✗ (found Root)",
            ],
            explanation.Lines()
        );
    }

    [Theory]
    [InlineData("a|exists: true", "a exists ✓ (found 1, 2)")]
    [InlineData("b|exists: false", "b is absent ✗ (found null)")]
    [InlineData("a|gt: 1", "a > 1 ✓ (found 1, 2)")]
    [InlineData("c: ''", "c = '' ✗ (not in the record)")]
    [InlineData("ip|cidr: 192.0.2.0/24", "ip in 192.0.2.0/24 ✓ (found 192.0.2.7)")]
    [InlineData("ip|re|i: '^X'", "ip matches ^X (i) ✗ (found 192.0.2.7)")]
    [InlineData("ip|startswith|cased: '192'", "ip starts with 192 (case matters) ✓ (found 192.0.2.7)")]
    [InlineData("ip|fieldref: a", "ip = the value of a ✗ (found 192.0.2.7)")]
    [InlineData("eventTime|hour: 9", "hour of eventTime = 9 ✓ (found 2026-11-23T09:30:00Z)")]
    [InlineData("'|contains': 0.2", "any value contains 0.2 ✓")]
    public void Lines_EachTest_IsInWords(string item, string expected)
    {
        var explanation = Explain($"{{s: {{{item}}}, condition: s}}", """{"a": [1, 2], "b": null, "ip": "192.0.2.7", "eventTime": "2026-11-23T09:30:00Z"}""");

        Assert.Equal(expected, Assert.Single(explanation.Lines()));
    }

    [Fact]
    public void Of_SharedProbes_AgreesWithTheMatcher()
    {
        foreach (var probe in Matching.Lines(Places.Shared("sigma/probes.jsonl")))
        {
            var explanation = Explain(probe.GetProperty("detection").GetRawText(), probe.GetProperty("event").GetRawText());

            Assert.True(explanation.Holds == probe.GetProperty("expected").GetBoolean(), probe.GetRawText());
            Assert.NotEmpty(explanation.Lines());
            var condition = Condition(probe.GetProperty("detection").GetRawText());
            var answers = Answers.Of(condition, Encoding.UTF8.GetBytes(probe.GetProperty("event").GetRawText()));
            Assert.Equal(explanation.Holds, answers.Holds(condition));
            Assert.Equal(!explanation.Holds, answers.Holds(condition, otherwise: condition));
            Assert.NotEmpty(ConditionText.Of(condition));
        }
    }

    private static Explanation Explain(string detection, string record) => Explanation.Of(Condition(detection), Encoding.UTF8.GetBytes(record));

    private static Condition Condition(string detection) => Assert.Single(Matching.Load([("rule.yml", Matching.RuleAround(detection))]).Detections).Condition;
}

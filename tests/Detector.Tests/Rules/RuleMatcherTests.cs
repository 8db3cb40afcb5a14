using System.Text.Json;
using Detector.Core.Rules;
using FsCheck.Fluent;

namespace Detector.Tests.Rules;

public sealed class RuleMatcherTests
{
    [Fact]
    public void Match_AnyRulesAndRecords_SameAsTheSlowMatcher()
    {
        var (hits, misses) = (0, 0);
        var cases = from rules in Generated.Rules from records in Generated.Records select (rules, records);
        Property.Holds(
            cases,
            x =>
            {
                var matcher = new RuleMatcher(RuleSet.Compile(x.rules));
                // Twice over, so that the second time everything is answered from what the matcher remembers.
                string[] records = [.. x.records, .. x.records];

                var matched = Matching.Run(matcher, $"[{string.Join(',', records)}]");

                foreach (var (record, labels) in records.Zip(matched))
                {
                    using var document = JsonDocument.Parse(record);
                    string[] expected = [.. x.rules.Where(rule => SlowMatcher.Holds(rule.Condition, document.RootElement)).Select(rule => rule.Label)];
                    Assert.Equal((record, string.Join(", ", expected)), (record, string.Join(", ", labels)));
                    hits += expected.Length;
                    misses += x.rules.Length - expected.Length;
                }
            },
            3_000
        );

        Assert.True(hits > 10_000 && misses > 10_000, $"{hits} hits, {misses} misses: the generators hardly prove anything");
    }

    [Fact]
    public void Match_EveryLetterWithoutCase_SameAsTheIndex()
    {
        // The index looks names up as the platform compares without case, the tests fold by themselves: where they part, a rule is silent.
        var wrong = new List<string>();
        for (var c = '\u0080'; c < 0xD800; c++)
        {
            foreach (var other in new[] { char.ToUpperInvariant(c), char.ToLowerInvariant(c) }.Where(o => o != c))
            {
                var equal = string.Equals(c.ToString(), other.ToString(), StringComparison.OrdinalIgnoreCase);
                var test = Core.Rules.Matchers.ValueTest.From(new FieldTest.Text(TextPattern.Exactly(c.ToString())));
                if (test.Meets(System.Text.Encoding.UTF8.GetBytes(other.ToString())) != equal)
                {
                    wrong.Add($"U+{(int)c:X4} and U+{(int)other:X4}, equal: {equal}");
                }
            }
        }
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("""{"a" 1}""")]
    [InlineData("""{"a":tru}""")]
    [InlineData("""{"a":"\q"}""")]
    [InlineData("""{"a":"\ud800","b":{"c": "\ud800"}}""")]
    [InlineData("""{"a":,,}""")]
    public void Match_RecordThatIsNoJson_NeverThrows(string record)
    {
        var rules = Matching.Load([
            ("keywords.yml", Matching.RuleAround("""{"k": ["secret"], "condition": "k or not k"}""")),
            ("object.yml", Matching.RuleAround("""{"s": {"b|contains": "x", "a|re": "x"}, "condition": "s"}""")),
        ]);

        var matches = Matching.Run(rules, $$"""[{{record}},{"eventName":"A"}]""");

        Assert.Equal(2, matches.Count);
    }

    [Fact]
    public void Match_KeywordsInADeepRecord_NeverThrows()
    {
        var rules = Matching.Load([("k.yml", Matching.RuleAround("""{"k": ["secret"], "condition": "k"}"""))]);
        var deep = "{\"d\":" + new string('[', 1_000) + "\"secret\"" + new string(']', 1_000) + "}";

        var matches = Matching.Run(rules, $$"""[{{deep}},{"a":"a secret"}]""");

        Assert.Single(matches[1]);
    }

    [Fact]
    public void Match_ManyDifferentNames_CacheStartsAfreshAndStaysRight()
    {
        var matcher = new RuleMatcher(
            Matching.Load([("r.yml", Matching.RuleAround("""{"s": {"eventSource": "iam.amazonaws.com", "eventName|endswith": "7"}, "condition": "s"}"""))])
        );
        for (var round = 0; round < 2; round++)
        {
            var records = Enumerable.Range(0, 20_000).Select(i => $$"""{"eventSource":"iam.amazonaws.com","eventName":"Name{{i}}"}""");

            var matches = Matching.Run(matcher, string.Concat(records));

            Assert.Equal(2_000, matches.Count(m => m.Count == 1));
        }
    }

    [Fact]
    public void Match_HugeDiscriminatingValue_StillMatches()
    {
        var matcher = new RuleMatcher(Matching.Load([("r.yml", Matching.RuleAround("""{"s": {"eventSource|contains": "iam"}, "condition": "s"}"""))]));
        var huge = new string('x', 5_000);

        var matches = Matching.Run(matcher, $$"""{"eventSource":"{{huge}}iam"}{"eventSource":"{{huge}}"}{"eventSource":"iam","eventName":"{{huge}}"}""");

        Assert.Equal([1, 0, 1], matches.Select(m => m.Count));
    }
}

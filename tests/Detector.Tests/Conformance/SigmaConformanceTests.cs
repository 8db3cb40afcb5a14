using System.Text.Json;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;
using Detector.Tests.Rules;

namespace Detector.Tests.Conformance;

/// <summary>The shared vectors: what several public evaluators, and the specification where they disagree, say of detections and rules.</summary>
public sealed class SigmaConformanceTests
{
    [Fact]
    public void Match_Probes_AsExpected()
    {
        var wrong = new List<string>();
        foreach (var probe in Matching.Lines(Places.Shared("sigma/probes.jsonl")))
        {
            var rules = Matching.Load([("probe.yml", Matching.RuleAround(probe.GetProperty("detection").GetRawText()))]);

            var matched = Matching.Run(rules, probe.GetProperty("event").GetRawText())[0].Count == 1;

            if (matched != probe.GetProperty("expected").GetBoolean())
            {
                wrong.Add(probe.GetRawText());
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Match_RuleProbes_AsExpected()
    {
        var matchers = SigmaHq().ToDictionary(r => r.File, r => new RuleMatcher(RuleSet.Compile([r.Rule])), StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var probe in Matching.Lines(Places.Shared("sigma/rule_probes.jsonl")))
        {
            var matcher = matchers[probe.GetProperty("rule").GetString()!];

            var matched = Matching.Run(matcher, probe.GetProperty("event").GetRawText())[0].Count == 1;

            if (matched != probe.GetProperty("expected").GetBoolean())
            {
                wrong.Add(probe.GetRawText());
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Match_TrailsAndTests_ExactlyTheExpectedMatches()
    {
        var expected = Matching.Lines(Places.Shared("sigma/expected.jsonl")).Select(Key).ToHashSet(StringComparer.Ordinal);
        var rules = SigmaHq().ToArray();
        var fileOf = rules.ToDictionary(r => r.Rule.Key, r => r.File, StringComparer.Ordinal);
        var matcher = new RuleMatcher(RuleSet.Compile([.. rules.Select(r => r.Rule)]));
        var found = new HashSet<string>(StringComparer.Ordinal);

        foreach (var path in Directory.GetFiles(Places.Shared("corpora/trails/invictus"), "*.json"))
        {
            var name = "trails/invictus/" + Path.GetFileName(path);
            foreach (var (record, labels) in Matching.Run(matcher, File.ReadAllText(path)).Index())
            {
                found.UnionWith(labels.Select(l => $"{FileOf(l)} {name} {record}"));
            }
        }
        // The expected matches were taken over this folder of the tests only.
        foreach (
            var line in Matching
                .Lines(Places.Shared("corpora/tests/panther.jsonl"))
                .Where(l => l.GetProperty("rule_file").GetString()!.StartsWith("rules/aws_cloudtrail_rules/", StringComparison.Ordinal))
        )
        {
            var labels = Matching.Run(matcher, line.GetProperty("event").GetRawText())[0];
            found.UnionWith(
                labels.Select(l => $"{FileOf(l)} tests/panther.jsonl {line.GetProperty("rule_file").GetString()} {line.GetProperty("test_name").GetString()}")
            );
        }

        Assert.True(
            expected.SetEquals(found),
            string.Join("\n", expected.Except(found).Select(m => "missing " + m).Concat(found.Except(expected).Select(m => "extra " + m)))
        );

        string FileOf(string label) => rules.First(r => r.Rule.Label == label).File;
    }

    private static string Key(JsonElement match)
    {
        var place = match.TryGetProperty("test", out var test)
            ? $"{test[0].GetString()} {test[1].GetString()}"
            : match.GetProperty("index").GetInt32().ToString();
        return $"{match.GetProperty("rule").GetString()} {match.GetProperty("file").GetString()} {place}";
    }

    private static IEnumerable<(string File, Rule Rule)> SigmaHq()
    {
        foreach (var path in Directory.GetFiles(Places.Shared("sigma/rules/sigmahq"), "*.yml").Order(StringComparer.Ordinal))
        {
            var read = SigmaReader.Read(path, File.ReadAllText(path));
            Assert.Empty(read.Errors);
            yield return (Path.GetFileName(path), Assert.Single(read.Rules));
        }
    }
}

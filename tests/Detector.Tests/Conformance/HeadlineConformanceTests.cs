using System.IO.Compression;
using System.Text.Json;
using Detector.Core.Rules;
using Detector.Tests.Rules;

namespace Detector.Tests.Conformance;

/// <summary>The four headline rules against labelled trails: every labelled event fires, nothing else does, denied attempts least of all.</summary>
public sealed class HeadlineConformanceTests
{
    private static readonly string[] Headline = ["root-usage", "admin-grant", "access-key-created-without-mfa", "key-pair-import"];

    private static readonly Lazy<RuleSet> Rules = new(() =>
        Matching.Load(Directory.GetFiles(Places.Rules, "rule.yml", SearchOption.AllDirectories).Select(file => (file, File.ReadAllText(file))))
    );

    [Fact]
    public void Match_SyntheticTrail_ExactlyTheLabels()
    {
        var expected = Matching
            .Lines(Places.Shared("corpora/synthetic/EXPECTED.jsonl"))
            .SelectMany(line => Labels(line).Select(label => $"{label} {line.GetProperty("eventID").GetString()}"))
            .ToHashSet(StringComparer.Ordinal);

        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(Places.Shared("corpora/synthetic/AWSLogs"), "*.json.gz", SearchOption.AllDirectories))
        {
            var text = Unzip(path);
            var ids = JsonDocument.Parse(text).RootElement.GetProperty("Records").EnumerateArray().Select(r => r.GetProperty("eventID").GetString()).ToArray();
            found.UnionWith(Fired(text).SelectMany((rules, index) => rules.Select(rule => $"{rule} {ids[index]}")));
        }

        AssertSame(expected, found);
    }

    [Fact]
    public void Match_RecordedTrailsAndTests_ExactlyTheLabels()
    {
        var expected = Matching
            .Lines(Places.Shared("corpora/headline.jsonl"))
            .SelectMany(line => Labels(line).Select(label => $"{label} {Place(line)}"))
            .ToHashSet(StringComparer.Ordinal);

        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(Places.Shared("corpora/trails/invictus"), "*.json"))
        {
            var file = "trails/invictus/" + Path.GetFileName(path);
            found.UnionWith(Fired(File.ReadAllText(path)).SelectMany((rules, index) => rules.Select(rule => $"{rule} {file} {index}")));
        }
        foreach (var test in Matching.Lines(Places.Shared("corpora/tests/panther.jsonl")))
        {
            var place = $"tests/panther.jsonl {test.GetProperty("rule_file").GetString()} {test.GetProperty("test_name").GetString()}";
            found.UnionWith(Fired(test.GetProperty("event").GetRawText()).SelectMany(rules => rules).Select(rule => $"{rule} {place}"));
        }

        AssertSame(expected, found);
    }

    private static IEnumerable<IEnumerable<string>> Fired(string text) => Matching.Run(Rules.Value, text).Select(labels => labels.Intersect(Headline));

    /// <summary>Labels that are decided so far: of administration, only what attaches a policy that AWS manages.</summary>
    private static IEnumerable<string> Labels(JsonElement line) =>
        line.GetProperty("labels")
            .EnumerateArray()
            .Select(label => label.GetString()!)
            .Intersect(Headline)
            .Where(label => label != "admin-grant" || line.GetProperty("eventName").GetString()!.StartsWith("Attach", StringComparison.Ordinal));

    private static string Place(JsonElement line)
    {
        var place = line.TryGetProperty("test", out var test)
            ? $"{test[0].GetString()} {test[1].GetString()}"
            : line.GetProperty("index").GetInt32().ToString();
        return $"{line.GetProperty("file").GetString()} {place}";
    }

    private static string Unzip(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    private static void AssertSame(HashSet<string> expected, HashSet<string> found)
    {
        Assert.NotEmpty(expected);
        Assert.True(
            expected.SetEquals(found),
            string.Join('\n', expected.Except(found).Select(m => "missing " + m).Concat(found.Except(expected).Select(m => "extra " + m)))
        );
    }
}

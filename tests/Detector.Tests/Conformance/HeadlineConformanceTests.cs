using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Detector.Core;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Rules;

namespace Detector.Tests.Conformance;

/// <summary>Shipped rules against labelled trails: every labelled event raises its detection, every labelled attempt the attempt, and nothing else is raised.</summary>
public sealed class HeadlineConformanceTests
{
    /// <summary>Detections that the labels judge; of others they say nothing.</summary>
    private static readonly string[] Judged =
    [
        "access-key-created-without-mfa",
        "admin-grant",
        "console-login-without-mfa",
        "cross-account-trust-added",
        "key-pair-created",
        "key-pair-import",
        "login-profile-created-or-changed",
        "privilege-escalation",
        "root-access-key-created",
        "root-access-key-usage",
        "root-usage",
        "security-group-opens-22-to-world",
        "trail-tampering",
    ];

    /// <summary>
    /// Rules of lower confidence, which go by a group's name where nothing of its rights was seen. The labels allow that in so many words, and nowhere else.
    /// </summary>
    private static readonly string[] DecidedByNameOnly = ["user-added-to-admin-group", "user-added-to-admin-group-attempt"];

    private const string ByName = "by name ";

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

        // One trail: what an event means may depend on those before it, in whatever file they are.
        var files = Directory.GetFiles(Places.Shared("corpora/synthetic/AWSLogs"), "*.json.gz", SearchOption.AllDirectories);
        var found = Fired([.. files.Select(path => (path, Unzip(path)))]).Select(hit => $"{hit.Detection} {hit.EventId}").ToHashSet(StringComparer.Ordinal);

        AssertSame(expected, found);
    }

    [Fact]
    public void Match_RecordedTrailsAndTests_ExactlyTheLabels()
    {
        var expected = Matching
            .Lines(Places.Shared("corpora/headline.jsonl"))
            .SelectMany(line => Labels(line).Select(label => $"{label} {Place(line)}"))
            .ToHashSet(StringComparer.Ordinal);

        var files = Directory
            .GetFiles(Places.Shared("corpora/trails/invictus"), "*.json")
            .Select(path => ("trails/invictus/" + Path.GetFileName(path), File.ReadAllText(path)));
        var found = Fired([.. files]).Select(hit => $"{hit.Detection} {hit.File} {hit.Index}").ToHashSet(StringComparer.Ordinal);
        foreach (var test in Matching.Lines(Places.Shared("corpora/tests/panther.jsonl")))
        {
            // Only these tests are labelled.
            if (!test.GetProperty("rule_file").GetString()!.StartsWith("rules/aws_cloudtrail_rules/", StringComparison.Ordinal))
                continue;
            var place = $"tests/panther.jsonl {test.GetProperty("rule_file").GetString()} {test.GetProperty("test_name").GetString()}";
            found.UnionWith(Fired([(place, test.GetProperty("event").GetRawText())]).Select(hit => $"{hit.Detection} {place}"));
        }

        AssertSame(expected, found);
    }

    /// <summary>What the rules tell of a trail, of each alert for the event that raised it, by the tags; an attempt is marked as such.</summary>
    private static List<(string Detection, string File, int Index, string? EventId)> Fired(IReadOnlyList<(string Name, string Text)> files)
    {
        var batches = files.Select(file => new EventBatch(file.Name, Encoding.UTF8.GetBytes(file.Text), Receipt.None)).ToList();
        try
        {
            var replay = new Replay(Rules.Value);
            var alerts = replay.Conclude(batches.ConvertAll(replay.Try)).Alerts;
            return
            [
                .. from alert in alerts
                let byName = DecidedByNameOnly.Contains(alert.Rule.Name, StringComparer.Ordinal) ? ByName : ""
                from detection in Detections(alert.Rule.Tags)
                from e in alert.Events
                select (byName + detection, e.File, e.Index, e.EventId),
            ];
        }
        finally
        {
            batches.ForEach(batch => batch.Dispose());
        }
    }

    private static IEnumerable<string> Detections(IReadOnlyList<string> tags) =>
        Judged
            .Where(slug => tags.Contains("detector." + slug, StringComparer.Ordinal))
            .Select(slug => tags.Contains("detector.attempt") ? "attempt " + slug : slug);

    private static IEnumerable<string> Labels(JsonElement line)
    {
        var effective = line.GetProperty("labels").EnumerateArray().Select(label => label.GetString()!);
        var attempts = line.GetProperty("attempt_labels").EnumerateArray().Select(label => label.GetString()!);
        var byName = line.TryGetProperty("why", out var why) && why.GetString()!.Contains("by its name", StringComparison.Ordinal);
        return effective
            .Intersect(Judged)
            .Concat(attempts.Intersect(Judged).Select(label => "attempt " + label))
            .Concat(byName ? [ByName + "admin-grant"] : []);
    }

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

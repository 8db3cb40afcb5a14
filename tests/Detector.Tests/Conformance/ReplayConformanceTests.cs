using System.Text.Json;
using Detector.App;
using Detector.Core.Rules.Sigma;
using Detector.Tests.App.Commands;
using Detector.Tests.Rules;

namespace Detector.Tests.Conformance;

/// <summary>The program itself on the shared trails: exactly the expected matches, and every odd file read as far as it can be.</summary>
public sealed class ReplayConformanceTests : IDisposable
{
    private readonly Shell _shell = new();

    /// <summary>The odd files, from the table that stands beside them.</summary>
    public static TheoryData<string> EdgeFiles()
    {
        var table = Path.Combine(Detector.Testing.Repository.Root, "..", "shared", "corpora", "synthetic", "edge", "EXPECTED.json");
        return File.Exists(table) ? [.. JsonDocument.Parse(File.ReadAllText(table)).RootElement.EnumerateObject().Select(file => file.Name)] : ["absent"];
    }

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Replay_Trails_ExactlyTheExpectedMatches()
    {
        var rules = Places.Shared("sigma/rules/sigmahq");
        var trails = Places.Shared("corpora/trails/invictus");
        var expected = Matching
            .Lines(Places.Shared("sigma/expected.jsonl"))
            .Where(match => match.GetProperty("file").GetString()!.StartsWith("trails/invictus/", StringComparison.Ordinal))
            .Select(match =>
                $"{match.GetProperty("rule").GetString()} {Path.GetFileName(match.GetProperty("file").GetString())} {match.GetProperty("index").GetInt32()}"
            )
            .Order(StringComparer.Ordinal)
            .ToList();
        var fileOf = Directory
            .GetFiles(rules, "*.yml")
            .ToDictionary(path => Assert.Single(SigmaReader.Read(path, File.ReadAllText(path)).Rules).Key, Path.GetFileName, StringComparer.Ordinal);

        var code = await _shell.RunAsync("replay", "--rules", rules, "--output", "jsonl", trails);

        Assert.Equal(ExitCode.Done, code);
        var found = _shell
            .OutLines.Select(line => JsonDocument.Parse(line).RootElement)
            .SelectMany(alert =>
                alert
                    .GetProperty("events")
                    .EnumerateArray()
                    .Select(e =>
                        $"{fileOf[alert.GetProperty("rule").GetProperty("id").GetString()!]} {Path.GetFileName(e.GetProperty("file").GetString())} {e.GetProperty("index").GetInt32()}"
                    )
            )
            .Order(StringComparer.Ordinal);
        Assert.Equal(expected, found);
    }

    [Theory]
    [MemberData(nameof(EdgeFiles))]
    public async Task Replay_OddFile_ReadsWhatIsThere(string name)
    {
        var expected = JsonDocument.Parse(File.ReadAllText(Places.Shared("corpora/synthetic/edge/EXPECTED.json"))).RootElement.GetProperty(name);
        var path = Places.Shared($"corpora/synthetic/edge/{name}");

        var code = await _shell.RunAsync("replay", path, "--stats");

        var lines = _shell.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var records = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("records").GetInt32();
        if (expected.GetProperty("events").ValueKind == JsonValueKind.Null)
        {
            Assert.Equal(ExitCode.Partly, code);
            Assert.Equal(3, records);
            Assert.All(lines[..^1], line => Assert.StartsWith($"{path}: ", line, StringComparison.Ordinal));
            Assert.NotEmpty(lines[..^1]);
        }
        else
        {
            Assert.Equal(ExitCode.Done, code);
            Assert.Equal(expected.GetProperty("events").GetInt32(), records);
            Assert.Single(lines);
        }
    }
}

using System.Text.Json;
using Detector.App;
using Detector.Tests.App.Commands;

namespace Detector.Tests.Conformance;

/// <summary>The commands for rules on the shared trails.</summary>
public sealed class BacktestConformanceTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Backtest_Trails_CountsTheAlertsOfReplay()
    {
        string[] trails = [Places.Shared("corpora/trails"), Places.Shared("corpora/synthetic/AWSLogs")];
        using var replay = new Shell();

        Assert.Equal(ExitCode.Done, await replay.RunAsync(["replay", "--rules", Places.Rules, "--output", "jsonl", .. trails]));
        Assert.Equal(ExitCode.Done, await _shell.RunAsync(["rules", "backtest", Places.Rules, .. trails, "--output", "json"]));

        var expected = replay
            .OutLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("rule").GetProperty("name").GetString()!)
            .CountBy(name => name)
            .OrderBy(rule => rule.Key, StringComparer.Ordinal);
        var rules = JsonDocument.Parse(_shell.Out).RootElement.GetProperty("rules").EnumerateArray();
        var counted = rules
            .Select(rule => KeyValuePair.Create(rule.GetProperty("rule").GetString()!, rule.GetProperty("alerts").GetProperty("count").GetInt32()))
            .Where(rule => rule.Value > 0);
        Assert.Equal(expected, counted);
    }

    [Fact]
    public async Task Backtest_TrailsAgainstTheSameRules_DiffersInNothing()
    {
        var code = await _shell.RunAsync("rules", "backtest", Places.Rules, Places.Shared("corpora/trails"), "--against", Places.Rules, "--output", "markdown");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains(" Both tell of the same events. ", _shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("told only", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TestingRules_CommandsOverTheTrails_AnswerWhatThePageSays()
    {
        Places.Shared("corpora");

        await new Walkthrough("docs/testing-rules.md", "corpora").FollowAsync(Repository.Root, isWhole: true);
    }
}

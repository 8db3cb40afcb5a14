using System.Text.Json;
using Detector.App;

namespace Detector.Tests.App.Commands;

public sealed class RulesListTests : IDisposable
{
    private const string Rule = """
        title: A title that is | quite long, and longer than a narrow terminal is wide
        name: users-listed
        level: high
        date: 2026-01-02
        modified: 2026-02-03
        tags: [attack.t1087.004, attack.discovery, detector.denied-burst]
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {eventSource: iam.amazonaws.com, eventName: ListUsers}, condition: s}
        ---
        title: The same, refused
        name: users-listed-attempt
        date: 2026-01-02
        tags: [detector.denied-burst, detector.attempt]
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {eventSource: iam.amazonaws.com, eventName: ListUsers, detector.history.userIdleDays|gt: 3}, condition: s}
        """;

    private readonly Shell _shell = new();

    public RulesListTests()
    {
        _shell.Write("users-listed/rule.yml", Rule);
        foreach (var name in new[] { "fires_a", "fires_b", "attempt_a", "quiet_a", "quiet_b", "quiet_c" })
            _shell.Write($"users-listed/cases/{name}.json", "{}");
    }

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task List_Json_TellsWhatEachRuleWatchesNeedsAndHas()
    {
        var code = await _shell.RunAsync("rules", "list", _shell.Folder, "--output", "json");

        Assert.Equal(ExitCode.Done, code);
        var rules = _shell.OutLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["users-listed", "users-listed-attempt"], rules.Select(rule => rule.GetProperty("rule").GetString()));
        Assert.Equal("""{"fires":2,"attempt":1,"quiet":3}""", rules[0].GetProperty("cases").GetRawText());
        Assert.Equal("""["no-hijack"]""", rules[0].GetProperty("practices").GetRawText());
        Assert.Equal("""["T1087.004"]""", rules[0].GetProperty("techniques").GetRawText());
        Assert.Equal("2026-02-03", rules[0].GetProperty("changed").GetString());
        Assert.Equal("2026-01-02", rules[1].GetProperty("changed").GetString());
        Assert.Equal([false, true], rules.Select(rule => rule.GetProperty("attempt").GetBoolean()));
        Assert.Equal([false, true], rules.Select(rule => rule.GetProperty("needsHistory").GetBoolean()));
        Assert.All(rules, rule => Assert.True(rule.GetProperty("needsReadOnlyEvents").GetBoolean()));
        Assert.All(rules, rule => Assert.False(rule.GetProperty("needsDataEvents").GetBoolean()));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(120)]
    [InlineData(200)]
    public async Task List_Table_FitsTheTerminal(int width)
    {
        using var shell = new Shell { Width = width };

        await shell.RunAsync("rules", "list", _shell.Folder);

        Assert.All(shell.OutLines.Take(3), line => Assert.InRange(line.Length, 1, width));
        Assert.StartsWith("practice      level   rule", shell.OutLines[0], StringComparison.Ordinal);
        Assert.Equal(width >= 120, shell.Out.Contains("2/1/3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_Markdown_IsATableWhoseCellsAreEscaped()
    {
        await _shell.RunAsync("rules", "list", _shell.Folder, "--output", "markdown");

        Assert.Equal(4, _shell.OutLines.Count);
        Assert.StartsWith("| denied-burst | high | users-listed | A title that is \\| quite long", _shell.OutLines[2], StringComparison.Ordinal);
        Assert.EndsWith("| T1087.004 | 2/1/3 | 2026-02-03 | read-only events |", _shell.OutLines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_NoFolder_ListsTheShippedRules()
    {
        var code = await _shell.RunAsync("rules", "list");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("root-usage", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_RefusedRule_IsToldAndTheRestIsListed()
    {
        _shell.Write("bad.yml", "title: [");

        var code = await _shell.RunAsync("rules", "list", _shell.Folder, "--output", "json");

        Assert.Equal(ExitCode.Partly, code);
        Assert.Contains("bad.yml", _shell.Error, StringComparison.Ordinal);
        Assert.Equal(2, _shell.OutLines.Count);
    }
}

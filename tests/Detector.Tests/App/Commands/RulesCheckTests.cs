using System.Text.Json;
using Detector.App;

namespace Detector.Tests.App.Commands;

public sealed class RulesCheckTests : IDisposable
{
    private const string Good = "title: Good\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: CreateUser}, condition: s}\n";
    private const string Costly = "title: Costly\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {sourceIPAddress: A}, condition: s}\n";
    private const string Foreign = "title: Foreign\nlogsource: {product: windows}\ndetection: {s: {EventID: 1}, condition: s}\n";
    private const string Bad = "title: Bad\nlogsource: {product: aws}\ndetection:\n  s:\n    eventName|sounds: A\n  condition: s\n";
    private const string Orphan = "title: Orphan\ncorrelation: {type: event_count, rules: [nobody], timespan: 5m, condition: {gte: 2}}\n";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Check_NoFolder_ChecksTheShippedRules()
    {
        var code = await _shell.RunAsync("rules", "check");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("0 refused, 0 for other log sources, 0 tried always", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("0 errors, 0 warnings", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_SigmaHqRules_AllLoad()
    {
        var code = await _shell.RunAsync("rules", "check", Places.Shared("sigma/rules/sigmahq"));

        // Some of them can never fire.
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("0 refused", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("57 rules loaded", _shell.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, ExitCode.Failed)]
    [InlineData(true, ExitCode.Usage)]
    public async Task Check_RefusedRule_TellsPlaceReasonAndMend(bool strict, int expected)
    {
        _shell.Write("good.yml", Good);
        var bad = _shell.Write("bad.yml", Bad);

        var code = await _shell.RunAsync(["rules", "check", _shell.Folder, .. strict ? new[] { "--strict" } : []]);

        Assert.Equal(expected, code);
        Assert.StartsWith($"{bad}:5:5: ", _shell.OutLines[0], StringComparison.Ordinal);
        Assert.Contains("unknown modifier 'sounds'", _shell.OutLines[0], StringComparison.Ordinal);
        Assert.Contains("1 rules loaded", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("1 refused", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NothingLoads_IsWrongConfiguration()
    {
        _shell.Write("bad.yml", Bad);

        var code = await _shell.RunAsync("rules", "check", _shell.Folder);

        Assert.Equal(ExitCode.Usage, code);
    }

    [Fact]
    public async Task Check_CorrelationOfNobody_IsRefused()
    {
        _shell.Write("good.yml", Good);
        _shell.Write("orphan.yml", Orphan);

        var code = await _shell.RunAsync("rules", "check", _shell.Folder);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("'nobody', which is not loaded", _shell.OutLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_JsonOutput_IsAnObjectPerFinding()
    {
        _shell.Write("a.yml", Good);
        _shell.Write("b.yml", Costly);
        _shell.Write("c.yml", Foreign);
        _shell.Write("d.yml", Bad);

        await _shell.RunAsync("rules", "check", _shell.Folder, "--output", "json");

        var findings = _shell.OutLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            ["cost/tried-always note b.yml:1", "load/skipped note c.yml:1", "load/refused error d.yml:5"],
            findings.Select(finding =>
                $"{Text(finding, "id")} {Text(finding, "level")} {Path.GetFileName(Text(finding, "file"))}:{finding.GetProperty("line")}"
            )
        );
        Assert.Equal("Costly", Text(findings[0], "rule"));
        Assert.Contains("name the eventName", Text(findings[0], "mend"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_SarifOutput_IsALogThatNamesRuleLevelAndPlace()
    {
        _shell.Write("b.yml", Costly);
        var bad = _shell.Write("d e.yml", Bad);

        var code = await _shell.RunAsync("rules", "check", _shell.Folder, "--output", "sarif");

        Assert.Equal(ExitCode.Failed, code);
        var log = JsonDocument.Parse(_shell.Out).RootElement;
        Assert.Equal("2.1.0", Text(log, "version"));
        var run = Assert.Single(log.GetProperty("runs").EnumerateArray());
        var kinds = run.GetProperty("tool").GetProperty("driver").GetProperty("rules");
        Assert.Equal(2, run.GetProperty("results").GetArrayLength());
        Assert.All(
            run.GetProperty("results").EnumerateArray(),
            result => Assert.Equal(Text(kinds[result.GetProperty("ruleIndex").GetInt32()], "id"), Text(result, "ruleId"))
        );
        var refused = run.GetProperty("results")[1];
        Assert.Equal(("load/refused", "error"), (Text(refused, "ruleId"), Text(refused, "level")));
        var place = refused.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal(new Uri(bad).AbsoluteUri, Text(place.GetProperty("artifactLocation"), "uri"));
        Assert.Equal(5, place.GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.Contains("unknown modifier", Text(refused.GetProperty("message"), "text"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error", ExitCode.Done)]
    [InlineData("warning", ExitCode.Failed)]
    public async Task Check_Warning_FailsOnlyIfAsked(string failOn, int expected)
    {
        _shell.Write("a.yml", Good.Replace("condition: s", "unused: {awsRegion: us-east-1}, condition: s", StringComparison.Ordinal));

        var code = await _shell.RunAsync("rules", "check", _shell.Folder, "--fail-on", failOn);

        Assert.Equal(expected, code);
        Assert.Contains("warning: the condition does not name 'unused'", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("[text/unused-search]", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_HostileField_CannotSteerTheTerminal()
    {
        _shell.Write("a.yml", Costly.Replace("sourceIPAddress", "\"\\e[2J\\nforged\"", StringComparison.Ordinal));

        await _shell.RunAsync("rules", "check", _shell.Folder);

        Assert.DoesNotContain('\u001b', _shell.Out);
        Assert.Contains("\\u001b[2J\\u000aforged", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_FolderThatIsNot_IsWrongUsage()
    {
        var code = await _shell.RunAsync("rules", "check", Path.Combine(_shell.Folder, "nowhere"));

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("is neither a folder nor a file", _shell.Error, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}

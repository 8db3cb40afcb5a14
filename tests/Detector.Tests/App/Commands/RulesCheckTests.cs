using System.Text.Json;
using Detector.App;

namespace Detector.Tests.App.Commands;

public sealed class RulesCheckTests : IDisposable
{
    private const string Good = "title: Good\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: A}, condition: s}\n";
    private const string Costly = "title: Costly\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {userAgent: A}, condition: s}\n";
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
        Assert.Contains("0 refused, 0 warnings, 0 for other log sources, 0 tried always", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_SigmaHqRules_AllLoad()
    {
        var code = await _shell.RunAsync("rules", "check", Places.Shared("sigma/rules/sigmahq"));

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("57 rules loaded", _shell.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, ExitCode.Partly)]
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

        Assert.Equal(ExitCode.Partly, code);
        Assert.Contains("'nobody', which is not loaded", _shell.OutLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_JsonOutput_IsOneObjectThatNamesEverything()
    {
        _shell.Write("a.yml", Good);
        _shell.Write("b.yml", Costly);
        _shell.Write("c.yml", Foreign);
        _shell.Write("d.yml", Bad);

        await _shell.RunAsync("rules", "check", _shell.Folder, "--output", "json");

        var answer = JsonDocument.Parse(_shell.Out).RootElement;
        Assert.Equal(2, answer.GetProperty("detections").GetArrayLength());
        Assert.Equal("Costly", Assert.Single(answer.GetProperty("triedAlways").EnumerateArray()).GetProperty("title").GetString());
        Assert.Equal(5, Assert.Single(answer.GetProperty("refused").EnumerateArray()).GetProperty("line").GetInt32());
        Assert.EndsWith("c.yml", Assert.Single(answer.GetProperty("skipped").EnumerateArray()).GetProperty("file").GetString(), StringComparison.Ordinal);
        Assert.Empty(answer.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task Check_HostileTitle_CannotSteerTheTerminal()
    {
        _shell.Write("a.yml", Costly.Replace("title: Costly", "title: \"\\e[2J\\nforged\"", StringComparison.Ordinal));

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
}

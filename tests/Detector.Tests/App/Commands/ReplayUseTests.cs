using System.Text;
using System.Text.RegularExpressions;
using Detector.App;
using Detector.App.Replays;

namespace Detector.Tests.App.Commands;

/// <summary>What else a replay can be asked for: CSV, a table for a narrow screen, places, what was before, and to send what it found.</summary>
public sealed class ReplayUseTests : IDisposable
{
    private const string Header = "logsource: {product: aws, service: cloudtrail}\n";

    private static readonly Regex EventTimes = new("(?<=\"eventTime\"\\s*:\\s*\")[^\"]*", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));

    private readonly Shell _shell = new();

    public ReplayUseTests()
    {
        _shell.Write(
            "rules/rules.yml",
            $"title: Key made\nname: key-made\nlevel: high\n{Header}detection: {{s: {{eventName: CreateKey}}, condition: s}}\n---\n"
                + $"title: Old key\nname: old-key\n{Header}detection: {{s: {{eventName: Use, detector.history.accessKeyAgeDays|gte: 90}}, condition: s}}\n"
        );
    }

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData(" =1+1", "' =1+1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-2", "'-2")]
    [InlineData("+2", "'+2")]
    [InlineData("＝cmd", "'＝cmd")]
    [InlineData("a;=1", "a;'=1")]
    [InlineData("a;\"=1", "a;'\"\"=1")]
    [InlineData("\t=1", "\\u0009=1")]
    [InlineData("a\r\nb", "\\u000d\\u000a")]
    public void Cell_WhateverACallerChose_IsTextOnOneLine(string value, string expected) =>
        Assert.Contains(expected, AlertCsv.Cell(value), StringComparison.Ordinal);

    [Fact]
    public async Task Replay_AsCsv_WritesALineForEachAlert()
    {
        _shell.Write("t/a.json", Event("1", "CreateKey", agent: "=HYPERLINK(1)"));

        Assert.Equal(ExitCode.Done, await ReplayAsync("--output", "csv"));

        var lines = _shell.Out.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("time,level,rule,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("2026-11-23T09:00:00Z,high,key-made,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",'=HYPERLINK(1),", lines[1], StringComparison.Ordinal);
        Assert.Equal(lines[0].Count(c => c == ','), lines[1].Count(c => c == ','));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(40)]
    public void Table_OnANarrowScreen_FitsIt(int width)
    {
        using var wide = new StringWriter();
        using var narrow = new StringWriter();
        var alert = Replayed(Event("1", "CreateKey", user: new string('x', 300)));

        AlertLines.WriteTable(wide, [alert], width: null);
        AlertLines.WriteTable(narrow, [alert], width);

        Assert.All(narrow.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.InRange(line.TrimEnd().Length, 1, width));
        Assert.Contains('…', narrow.ToString());
        Assert.Contains(new string('x', 300), wide.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--account", "111122223333", "1 2")]
    [InlineData("--account", "444455556666", "3")]
    [InlineData("--region", "eu-west-1", "1 3")]
    public async Task Replay_OfSomePlaces_JudgesTheirRecordsAlone(string option, string value, string expected)
    {
        _shell.Write(
            "t/a.json",
            $"[{Event("1", "CreateKey")},{Event("2", "CreateKey", region: "us-east-1")},{Event("3", "CreateKey", account: "444455556666")}]"
        );

        await ReplayAsync("--output", "jsonl", option, value);

        Assert.Equal(expected, string.Join(' ', _shell.OutLines.Select(line => line.Split("\"eventID\":\"")[1][..1]).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Replay_WithACredentialReport_KnowsKeysFromBefore()
    {
        var report = _shell.Write(
            "report.csv",
            "user,arn,user_creation_time,mfa_active,access_key_1_active,access_key_1_last_rotated\nann,arn:aws:iam::111122223333:user/ann,2020-01-01T00:00:00+00:00,false,true,2020-01-01T00:00:00+00:00\n"
        );
        _shell.Write("t/a.json", Event("1", "Use"));

        await ReplayAsync("--output", "jsonl");
        Assert.Empty(_shell.OutLines);
        await ReplayAsync("--output", "jsonl", "--credential-report", report);

        Assert.Contains("old-key", Assert.Single(_shell.OutLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_WithAReportThatIsNone_TellsTheFileAndStops()
    {
        var report = _shell.Write("report.csv", "a,b\n");
        _shell.Write("t/a.json", Event("1", "Use"));

        Assert.Equal(ExitCode.Usage, await ReplayAsync("--credential-report", report));
        Assert.Contains("report.csv: line 1", _shell.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    public async Task Replay_CasesOfEveryRuleAtAnAbsurdTime_EndsWell(string time)
    {
        var number = 0;
        foreach (var file in Directory.EnumerateFiles(Places.Rules, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            _shell.Write($"t/{number++}.json", EventTimes.Replace(text, time));
        }
        _shell.Write("t/real.json", Event("1", "CreateKey"));

        Assert.Equal(ExitCode.Done, await _shell.RunAsync("replay", Path.Combine(_shell.Folder, "t"), "--rules", Places.Rules, "--output", "jsonl"));
        Assert.NotEmpty(_shell.OutLines);
    }

    [Theory]
    [InlineData("--to", "2026-11-23T12:00:00Z", 0)]
    [InlineData("--to", "2026-11-26T00:00:00Z", 1)]
    [InlineData("--to", "9999-12-31", 0)]
    [InlineData("--from", "2026-01-01", 0)]
    public async Task Replay_ToAnEnd_TakesNoFutureForSilence(string option, string value, int alerts)
    {
        _shell.Write(
            "rules/silent.yml",
            $"title: Waits\nname: waits\n{Header}detection: {{s: {{eventName: Use, detector.history.accessKeyAgeDays|gte: 0}}, condition: s}}\ndetector: {{after: 48h}}\n"
        );
        var report = _shell.Write(
            "report.csv",
            "user,arn,user_creation_time,mfa_active,access_key_1_active,access_key_1_last_rotated\nann,arn:aws:iam::111122223333:user/ann,2026-11-20T00:00:00+00:00,false,true,2026-11-20T00:00:00+00:00\n"
        );
        _shell.Write("t/a.json", Event("1", "Use"));
        _shell.Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
        if (alerts > 0)
            _shell.Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

        await ReplayAsync("--output", "jsonl", "--credential-report", report, option, value);

        Assert.Equal(alerts, _shell.OutLines.Count(line => line.Contains("\"waits\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Replay_DeliveredTwice_IsToldOnce()
    {
        var told = Path.Combine(_shell.Folder, "told.jsonl");
        var config = _shell.Write("detector.yaml", $"ledger: {{file: {Path.Combine(_shell.Folder, "ledger.db")}}}\njsonl: {{file: {told}}}\n");
        _shell.Write("t/a.json", $"[{Event("1", "CreateKey")},{Event("2", "CreateKey")}]");

        Assert.Equal(ExitCode.Done, await ReplayAsync("--deliver", "--config", config));
        Assert.Equal(ExitCode.Done, await ReplayAsync("--deliver", "--config", config));

        Assert.Equal(2, File.ReadAllLines(told).Length);
        Assert.Contains("2 of 2 alerts had not been told yet", _shell.Error, StringComparison.Ordinal);
        Assert.Contains("0 of 2 alerts had not been told yet", _shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_DeliveredToNowhere_IsRefusedBeforeAnythingIsRead()
    {
        var config = _shell.Write("detector.yaml", "ledger: {memory: true}\n");
        _shell.Write("t/a.json", Event("1", "CreateKey"));

        Assert.Equal(ExitCode.Usage, await ReplayAsync("--deliver", "--config", config));
        Assert.Contains("--deliver", _shell.Error, StringComparison.Ordinal);
        Assert.Empty(_shell.OutLines);
    }

    private static Core.Delivery.Alert Replayed(string record)
    {
        var rules = Rules.Matching.Load([("r.yml", $"title: t\nname: key-made\n{Header}detection: {{s: {{eventName: CreateKey}}, condition: s}}")]);
        var replay = new Core.Replay(rules);
        using var batch = new Core.Events.EventBatch("some/folder/file.json", Encoding.UTF8.GetBytes(record), Core.Events.Receipt.None);
        return replay.Conclude([replay.Try(batch)]).Alerts.Single();
    }

    private Task<int> ReplayAsync(params string[] args) =>
        _shell.RunAsync(["replay", Path.Combine(_shell.Folder, "t"), "--rules", Path.Combine(_shell.Folder, "rules"), .. args]);

    private static string Event(
        string id,
        string name,
        string agent = "cli",
        string user = "ann",
        string account = "111122223333",
        string region = "eu-west-1"
    ) =>
        $$$"""{"eventID":"{{{id}}}","eventName":"{{{name}}}","eventTime":"2026-11-23T09:00:00Z","awsRegion":"{{{region}}}","recipientAccountId":"{{{account}}}","userAgent":"{{{agent}}}","userIdentity":{"type":"IAMUser","userName":"{{{user}}}","arn":"arn:aws:iam::{{{account}}}:user/{{{user}}}","accessKeyId":"AKIAEXAMPLE"}}""";
}

using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Detector.App;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Commands;

public sealed class ReplayTests : IDisposable
{
    private const string Header = "logsource: {product: aws, service: cloudtrail}\n";

    private readonly Shell _shell = new() { Time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)) };

    public ReplayTests()
    {
        _shell.Write(
            "rules/rules.yml",
            $"title: Key made\nid: 11111111-0000-4000-8000-000000000001\nname: key-made\nlevel: high\ntags: [attack.t1098]\n{Header}detection: {{s: {{eventName: CreateKey}}, condition: s}}\n---\n"
                + $"title: Look\nname: look\n{Header}detection: {{s: {{eventName: Look}}, condition: s}}\ndetector: {{suppress: {{by: [awsRegion], for: 1h}}}}\n---\n"
                + $"title: Call\nname: call\n{Header}detection: {{s: {{eventName: Call}}, condition: s}}\n---\n"
                + "title: Burst\nname: burst\ncorrelation: {type: event_count, rules: [call], group-by: [awsRegion], timespan: 5m, condition: {gte: 3}}\n"
        );
    }

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Replay_Report_IsItsOwnersAloneAndTakesThePlaceOfWhatWasThere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such rights");
        _shell.Write("t/a.json", Event("1", "CreateKey", "09:00:00"));
        var report = _shell.Write("report.html", "<!DOCTYPE html>\n<html lang=\"en\">old");
        // Left behind by one that was stopped: a link must not lead the page elsewhere.
        var elsewhere = _shell.Write("elsewhere", "kept");
        File.CreateSymbolicLink(report + ".part", elsewhere);

        var code = await ReplayAsync("t", "--report", report);

        Assert.Equal(0, code);
        Assert.Contains("<title>Investigation", await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("kept", await File.ReadAllTextAsync(elsewhere, TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(report));
    }

    [Theory]
    [InlineData("{\"Events\":[{\"EventName\":\"CreateKey\",\"CloudTrailEvent\":\"{}\"}]}", null, true)]
    [InlineData("{\"Records\":[{\"name\":\"x\"}]}", null, true)]
    [InlineData("{\"Records\":[{\"name\":\"x\"},{\"eventTime\":\"2026-03-05T09:00:00Z\"}]}", null, false)]
    [InlineData("{\"Records\":[{\"eventTime\":\"2026-03-05T09:00:00Z\"}]}", "2026-03-06", false)]
    [InlineData("{\"Records\":[]}", null, false)]
    public async Task Replay_FilesOfSomethingElse_IsNoAllClear(string content, string? from, bool isTold)
    {
        _shell.Write("t/a.json", content);

        await (from is null ? ReplayAsync("t") : ReplayAsync("t", "--from", from));

        Assert.Equal(isTold, _shell.Error.Contains("no record has an eventTime", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replay_PlainRule_WritesTheAlertAsDesigned()
    {
        var file = _shell.Write("t/a.json", $"{{\"Records\":[{Event("1", "Other", "09:00:00")},{Event("2", "CreateKey", "09:00:01")}]}}");

        var code = await ReplayAsync("t");

        Assert.Equal(ExitCode.Done, code);
        var alert = Assert.Single(Alerts());
        var id = alert.GetProperty("alertId").GetString();
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(
            $$"""
            {"schema":"detector.replay-alert/1","alertId":"{{id}}",
            "rule":{"id":"11111111-0000-4000-8000-000000000001","name":"key-made","title":"Key made","level":"high","tags":["attack.t1098"]},
            "kind":"plain","late":false,"group":null,
            "events":[{"eventID":"2","eventTime":"2026-11-23T09:00:01Z","eventName":"CreateKey","file":"{{file}}","index":1}]}
            """.ReplaceLineEndings(""),
            alert.GetRawText()
        );
    }

    [Fact]
    public async Task Replay_Correlation_ListsEveryEventWhicheverFileItIsIn()
    {
        _shell.Write("t/b.json", Event("3", "Call", "09:04:00"));
        _shell.Write("t/a.json", $"[{Event("2", "Call", "09:05:00")},{Event("1", "Call", "09:00:00")}]");

        await ReplayAsync("t");

        var alert = Assert.Single(Alerts());
        Assert.Equal("correlation", alert.GetProperty("kind").GetString());
        Assert.Equal("eu-west-1", alert.GetProperty("group").GetString());
        Assert.Equal(["1", "3", "2"], Ids(alert));
    }

    [Fact]
    public async Task Replay_SuppressedRepeats_AreOneAlertForEachBucket()
    {
        _shell.Write("t/a.json", $"[{Event("1", "Look", "09:00:00")},{Event("2", "Look", "09:59:59")},{Event("3", "Look", "10:00:00")}]");

        await ReplayAsync("t");

        Assert.Equal(
            [
                ["1", "2"],
                ["3"],
            ],
            Alerts().Select(Ids)
        );
    }

    [Fact]
    public async Task Replay_SameRecordTwice_CountsOnceWhereItCameFirst()
    {
        var first = _shell.Write("t/a.json", Event("1", "CreateKey", "09:00:00"));
        _shell.Write("t/b.json", $"[{Event("1", "CreateKey", "09:00:00")},{Event("9", "Other", "09:00:00")},{Event("9", "Other", "09:00:00")}]");

        await ReplayAsync("t", "--stats");

        Assert.Equal(first, Assert.Single(Assert.Single(Alerts()).GetProperty("events").EnumerateArray()).GetProperty("file").GetString());
        Assert.Equal(1, Stats().GetProperty("duplicates").GetInt32());
    }

    [Fact]
    public async Task Replay_OneIdentityForTwoEvents_TellsBothInOneAlert()
    {
        var one = Event("1", "CreateKey", "09:00:00");
        var other = one.Replace("{", """{"awsRegion": "eu-west-1", """, StringComparison.Ordinal);
        _shell.Write("t/a.json", $"[{one},{other},{one}]");

        await ReplayAsync("t", "--stats");

        Assert.Equal([0, 1], Assert.Single(Alerts()).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("index").GetInt32()));
        Assert.Equal(1, Stats().GetProperty("duplicates").GetInt32());
    }

    [Theory]
    [InlineData("--from 2026-11-23T09:00:01Z --to 2026-11-23T09:00:02Z", "none 2 3")]
    [InlineData("--from 2026-11-23 --to 2026-11-23", "none 1 2 3 4")]
    [InlineData("--from 2026-11-24", "none")]
    [InlineData("--to 2026-11-22", "none")]
    [InlineData("--from 2h59m58s", "none 3 4")]
    [InlineData("--from 2026-11-23T11:00:02+02:00", "none 3 4")]
    [InlineData("--to 2026-11-23T09:00", "none 1")]
    public async Task Replay_TimeRange_LeavesOutTheRest(string range, string expected)
    {
        _shell.Write(
            "t/a.json",
            $"[{Event("1", "CreateKey", "09:00:00")},{Event("2", "CreateKey", "09:00:01")},{Event("3", "CreateKey", "09:00:02")},{Event("4", "CreateKey", "09:00:03")},"
                + """{"eventID": "none", "eventName": "CreateKey"}]"""
        );

        await ReplayAsync(["t", .. range.Split(' ')]);

        Assert.Equal(expected, string.Join(' ', Alerts().SelectMany(Ids)));
    }

    [Fact]
    public async Task Replay_DamagedFiles_GiveWhatIsReadableAndAreNamed()
    {
        var whole = Gzip($"[{Event("1", "CreateKey", "09:00:00")},{Event("2", "CreateKey", "09:00:00")}]");
        var cut = _shell.Write("t/cut.gz", [.. whole, .. whole[..(whole.Length - 20)]]);
        var good = _shell.Write("t/good", [.. Gzip(Event("3", "CreateKey", "09:00:00") + "\n"), .. Gzip(Event("4", "CreateKey", "09:00:00"))]);
        var corrupt = _shell.Write("t/corrupt", [.. whole[..10], .. Enumerable.Repeat((byte)0xff, 20)]);

        var code = await ReplayAsync("t", "--stats");

        Assert.Equal(ExitCode.Partly, code);
        Assert.Equal(["1", "2", "3", "4"], Alerts().SelectMany(Ids).Order());
        Assert.Contains($"{cut}: at byte ", _shell.Error, StringComparison.Ordinal);
        Assert.Contains($"{corrupt}: at byte 0: the gzip stream is damaged", _shell.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(good, _shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_UnreadableRecord_IsNamedAndItsNeighboursAreJudged()
    {
        var file = _shell.Write("t/a.jsonl", $"{Event("1", "CreateKey", "09:00:00")}\nnonsense\n{Event("2", "CreateKey", "09:00:00")}\n");

        var code = await ReplayAsync("t", "--stats");

        Assert.Equal(ExitCode.Partly, code);
        Assert.Equal(2, Alerts().Count);
        Assert.Contains($"{file}: record 1 at byte ", _shell.Error, StringComparison.Ordinal);
        Assert.Equal(1, Stats().GetProperty("rejected").GetInt32());
    }

    [Theory]
    [InlineData("CreateKey", ExitCode.Failed)]
    [InlineData("Other", ExitCode.Done)]
    public async Task Replay_FailOnAlert_SaysSoByExitCode(string eventName, int expected)
    {
        _shell.Write("t/a.json", Event("1", eventName, "09:00:00"));

        var code = await ReplayAsync("t", "--fail-on-alert");

        Assert.Equal(expected, code);
    }

    [Fact]
    public async Task Replay_Stats_CountsEverything()
    {
        var text = Event("1", "CreateKey", "09:00:00");
        _shell.Write("t/a.json", text);
        _shell.Write("t/b.gz", Gzip(text));
        _shell.Write("t/.hidden", "nonsense");

        await ReplayAsync("t", "--stats");

        var stats = Stats();
        Assert.Equal(
            [
                "files",
                "records",
                "rejected",
                "duplicates",
                "foreign",
                "bytesRead",
                "bytesJson",
                "seconds",
                "recordsPerSecond",
                "alerts",
                "suppressed",
                "inflater",
                "spilled",
                "peakMemory",
            ],
            stats.EnumerateObject().Select(number => number.Name)
        );
        Assert.Equal(2, stats.GetProperty("files").GetInt32());
        Assert.Equal(2, stats.GetProperty("records").GetInt32());
        Assert.Equal(text.Length + Gzip(text).Length, stats.GetProperty("bytesRead").GetInt32());
        Assert.Equal(text.Length * 2, stats.GetProperty("bytesJson").GetInt32());
        Assert.Equal(1, stats.GetProperty("alerts").GetInt32());
    }

    [Fact]
    public async Task Replay_Table_IsAlignedAndHarmless()
    {
        _shell.Write(
            "t/a.json",
            Event("1", "CreateKey", "09:00:00")
                .Replace("\"awsRegion\"", "\"userIdentity\": {\"arn\": \"a\\u001b[2Jb\"}, \"awsRegion\"", StringComparison.Ordinal)
        );

        var code = await _shell.RunAsync("replay", "--rules", Path.Combine(_shell.Folder, "rules"), Path.Combine(_shell.Folder, "t"));

        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("TIME                  LEVEL  RULE      WHO", _shell.OutLines[0], StringComparison.Ordinal);
        Assert.StartsWith("2026-11-23T09:00:00Z  high   key-made  a\\u001b[2Jb", _shell.OutLines[1], StringComparison.Ordinal);
        Assert.Equal("1 alerts in 1 records of 1 files", _shell.OutLines[2]);
    }

    [Theory]
    [InlineData("nowhere", "is neither a file nor a folder")]
    [InlineData("--from yesterday .", "is no date")]
    [InlineData("--from 2026-01-02 --to 2026-01-01 .", "--from is behind --to")]
    [InlineData("--rules nowhere .", "--rules: nowhere is neither")]
    [InlineData("--output xml .", "xml")]
    [InlineData("", "Nothing to read")]
    public async Task Replay_WrongUsage_TellsWhatIsWrong(string args, string part)
    {
        var code = await _shell.RunAsync(["replay", .. args.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(part, _shell.Error, StringComparison.Ordinal);
    }

    private Task<int> ReplayAsync(params string[] args) =>
        _shell.RunAsync([
            "replay",
            Path.Combine(_shell.Folder, args[0]),
            "--rules",
            Path.Combine(_shell.Folder, "rules"),
            "--output",
            "jsonl",
            .. args.Skip(1),
        ]);

    private List<JsonElement> Alerts() => [.. _shell.OutLines.Select(line => JsonDocument.Parse(line).RootElement)];

    private JsonElement Stats() => JsonDocument.Parse(_shell.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;

    private static string[] Ids(JsonElement alert) => [.. alert.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("eventID").GetString()!)];

    private static string Event(string id, string name, string time) =>
        $$"""{"eventID": "{{id}}", "eventName": "{{name}}", "eventTime": "2026-11-23T{{time}}Z", "awsRegion": "eu-west-1"}""";

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}

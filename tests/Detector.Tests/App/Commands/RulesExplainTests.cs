using System.IO.Compression;
using System.Text.Json;
using Detector.App;

namespace Detector.Tests.App.Commands;

public sealed class RulesExplainTests : IDisposable
{
    private const string Head = "name: made\ntitle: Made\nid: 5f2b0c54-0000-4000-8000-000000000001\nlogsource: {product: aws, service: cloudtrail}\n";
    private const string Plain = Head + "detection: {s: {eventName: Make, detector.outcome: success}, condition: s}\n";

    private const string Burst =
        Head
        + "detection: {s: {eventName: Make}, condition: s}\n---\n"
        + "title: Burst\nname: burst\ncorrelation: {type: event_count, rules: [made], group-by: [awsRegion], timespan: 5m, condition: {gte: 3}}\n";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("made")]
    [InlineData("Made")]
    [InlineData("5f2b0c54-0000-4000-8000-000000000001")]
    [InlineData(null)]
    public async Task Explain_RuleByAnyName_IsFound(string? name)
    {
        var file = _shell.Write("rules/made/rule.yml", Plain);

        var code = await RunAsync(name ?? file, _shell.Write("event.json", """{"eventName": "Make"}"""));

        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("made fires on record 0 (Make): its condition is met", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_FailedCall_SaysWhatAnsweredAndFromWhat()
    {
        _shell.Write("rules/made/rule.yml", Plain);
        var place = _shell.Write("event.json", """{"eventName": "Make", "eventTime": "2026-11-23T09:00:00Z", "errorCode": "AccessDenied"}""");

        var code = await RunAsync("made", place);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(
            [
                "made does not fire on record 0 (Make at 2026-11-23T09:00:00Z): detector.outcome = success does not hold (found attempt)",
                "made on record 0 (Make at 2026-11-23T09:00:00Z):",
                "  all of ✗",
                "    eventName = Make ✓",
                "    detector.outcome = success ✗ (found attempt)",
                "        from errorCode = AccessDenied",
                "        not in the record: errorMessage, responseElements",
            ],
            _shell.OutLines
        );
    }

    [Fact]
    public async Task Explain_PlaceInAFile_IsThatRecord()
    {
        _shell.Write("rules/made/rule.yml", Plain);
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write("""{"Records": [{"eventName": "Make", "eventID": "1"}, {"eventName": "Other", "eventID": "2"}]}"""u8);
        var path = _shell.Write("trail.json.gz", packed.ToArray());

        Assert.Equal(ExitCode.Done, await RunAsync("made", path));
        Assert.Equal(ExitCode.Done, await RunAsync("made", path + "#0"));
        Assert.Equal(ExitCode.Failed, await RunAsync("made", path + "#1"));
        Assert.Equal(ExitCode.Usage, await RunAsync("made", path + "#2"));
        Assert.Contains("has no record 2: it holds 2", _shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_StandardInput_IsRead()
    {
        _shell.Write("rules/made/rule.yml", Plain);
        _shell.In = """{"eventName": "Make"}"""u8.ToArray();

        Assert.Equal(ExitCode.Done, await RunAsync("made", "-"));
    }

    [Theory]
    [InlineData("maed", "there is no rule 'maed': did you mean made?")]
    [InlineData("made", "is no file of events")]
    public async Task Explain_WhatIsNotThere_IsWrongUsage(string rule, string reason)
    {
        _shell.Write("rules/made/rule.yml", Plain);
        var place = rule == "made" ? Path.Combine(_shell.Folder, "none.json") : _shell.Write("event.json", "{}");

        Assert.Equal(ExitCode.Usage, await RunAsync(rule, place));
        Assert.Contains(reason, _shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_HostileRecord_CannotSteerTheTerminal()
    {
        _shell.Write("rules/made/rule.yml", Plain);
        var place = _shell.Write("event.json", "{\"eventName\": \"\\u001b[2J\\nmade fires\", \"errorCode\": \"\\u202e\"}");

        Assert.Equal(ExitCode.Failed, await RunAsync("made", place));
        Assert.DoesNotContain('\u001b', _shell.Out);
        Assert.DoesNotContain('\u202e', _shell.Out);
        Assert.DoesNotContain("\nmade fires", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_HistoryElsewhere_IsKnownWithItsTime()
    {
        _shell.Write(
            "rules/made/rule.yml",
            Head + "detection: {s: {eventSource: ec2.amazonaws.com, eventName: RunInstances, detector.history.keyPairExists: 'true'}, condition: s}\n"
        );
        _shell.Write("before/trail.json", Ec2("ImportKeyPair", 1));
        var place = _shell.Write("event.json", Ec2("RunInstances", 2));

        Assert.Equal(ExitCode.Failed, await RunAsync("made", place));
        Assert.Equal(ExitCode.Done, await RunAsync("made", place, "--with", Path.Combine(_shell.Folder, "before")));
        Assert.Contains("known since 2026-11-23T09:01:00Z: keypair 111122223333 eu-west-1 k: created", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_WindowTooShort_TellsHowNear()
    {
        _shell.Write("rules/burst/rule.yml", Burst);
        var place = _shell.Write(
            "events.json",
            $"[{Made(0, "eu-west-1")}, {Made(100, "eu-west-1")}, {Made(301, "eu-west-1")}, {Made(0, "us-east-1")}, {Made(1, null)}]"
        );

        Assert.Equal(ExitCode.Failed, await RunAsync("burst", place));
        Assert.Equal(
            [
                "burst does not fire: the nearest window of group 'eu-west-1' reached 2; wanted >= 3 within 00:05:00; it would fire with a timespan of 00:05:01",
                "  combines event_count within 00:05:00 by awsRegion; wanted >= 3",
                "group 'eu-west-1': reached 2 ✗ with 2 of its 3 events in the window; a timespan of 00:05:01 would do",
                $"  2026-11-23T09:00:00Z  made  {place}#0",
                $"  2026-11-23T09:01:40Z  made  {place}#1",
                "group 'us-east-1': reached 1 ✗ with 1 of its 1 events in the window",
                $"  2026-11-23T09:00:00Z  made  {place}#3",
                "without a value to group by, so they take no part: 1 events",
                $"  2026-11-23T09:00:01Z  made  {place}#4",
            ],
            _shell.OutLines
        );
    }

    [Fact]
    public async Task Explain_CorrelationThatFires_ShowsTheWindow()
    {
        _shell.Write("rules/burst/rule.yml", Burst);
        var place = _shell.Write("events.json", $"[{Made(0, "eu-west-1")}, {Made(100, "eu-west-1")}, {Made(300, "eu-west-1")}]");

        Assert.Equal(ExitCode.Done, await RunAsync("burst", place));
        Assert.Contains("burst fires: 3 events of group 'eu-west-1' within 00:05:00; wanted >= 3", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("reached 3 ✓ with 3 of its 3 events in the window", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_CorrelationWithoutHits_ShowsTheNearestRecord()
    {
        _shell.Write("rules/burst/rule.yml", Burst);

        Assert.Equal(ExitCode.Failed, await RunAsync("burst", _shell.Write("event.json", """{"eventName": "Other"}""")));
        Assert.Contains("no event meets any rule that it combines", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("eventName = Make ✗ (found Other)", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_RuleThatOnlyServes_SaysSo()
    {
        _shell.Write("rules/burst/rule.yml", Burst);

        await RunAsync("made", _shell.Write("event.json", Made(0, "eu-west-1")));

        Assert.Contains("raises no alert by itself: it serves burst", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_EventThatAFilterLeavesOut_NamesTheFilter()
    {
        _shell.Write("rules/made/rule.yml", Plain);
        _shell.Write("rules/filter.yml", "title: Not the robot\nname: robot\nfilter: {rules: [made], selection: {who: robot}, condition: not selection}\n");

        Assert.Equal(ExitCode.Failed, await RunAsync("made", _shell.Write("event.json", """{"eventName": "Make", "who": "robot"}""")));
        Assert.Contains("its own condition is met, but it is left out by the filter robot: who = robot holds", _shell.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sighting: {by: [who], per: 1d}", "though its condition is met: of the events with the same who only the first of each 1.00:00:00 counts")]
    [InlineData("after: 2d", "though its condition is met: it is judged 2.00:00:00 after the event, at 2026-11-25T09:00:05Z, and the trail ends before")]
    public async Task Explain_EventThatDoesNotCount_SaysWhy(string attribute, string reason)
    {
        _shell.Write("rules/made/rule.yml", Plain + $"detector: {{{attribute}}}\n");
        var place = _shell.Write("events.json", $"[{Made(0, "eu-west-1")}, {Made(5, "eu-west-1")}]");

        Assert.Equal(ExitCode.Failed, await RunAsync("made", place + "#1"));
        Assert.Contains(reason, _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_RecordThatCannotBeJudged_SaysWhy()
    {
        _shell.Write("rules/made/rule.yml", Plain);
        var place = _shell.Write("event.json", [.. "{\"eventName\": \"Make\", \"userAgent\": \""u8, 0xFF, .. "\"}"u8]);

        var code = await RunAsync("made", place);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("though its condition is met: it cannot be judged: ", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("not valid UTF-8", _shell.OutLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_SuppressedRule_TellsForHowManyItsAlertStands()
    {
        _shell.Write("rules/made/rule.yml", Plain + "detector: {suppress: {by: [who], for: 1h}}\n");
        var place = _shell.Write("events.json", $"[{Made(0, "eu-west-1")}, {Made(5, "eu-west-1")}]");

        Assert.Equal(ExitCode.Done, await RunAsync("made", place + "#1"));
        Assert.Contains($"this one of group 'me' for 2, first record 0 of {place} at 2026-11-23T09:00:00Z", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_Json_HoldsTheTree()
    {
        _shell.Write("rules/made/rule.yml", Plain);

        await RunAsync("made", _shell.Write("event.json", """{"eventName": "Make", "errorCode": "X"}"""), "--output", "json");

        var answer = JsonDocument.Parse(_shell.Out).RootElement;
        Assert.False(answer.GetProperty("matched").GetBoolean());
        var parts = answer.GetProperty("conditions")[0].GetProperty("condition").GetProperty("parts");
        Assert.Equal(["Make"], parts[0].GetProperty("found").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal("from errorCode = X", parts[1].GetProperty("basis")[0].GetString());
    }

    private static string Made(int second, string? region) =>
        $$"""{"eventID": "{{second}}{{region}}", "eventName": "Make", "who": "me", {{(region is null ? "" : $"\"awsRegion\": \"{region}\",")}} "eventTime": "{{Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ}}"}""";

    private static string Ec2(string name, int minute) =>
        $"{{\"eventID\": \"{minute}\", \"eventTime\": \"2026-11-23T09:0{minute}:00Z\", \"eventSource\": \"ec2.amazonaws.com\", \"eventName\": \"{name}\", "
        + "\"awsRegion\": \"eu-west-1\", \"recipientAccountId\": \"111122223333\", \"requestParameters\": {\"keyName\": \"k\"}}";

    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private Task<int> RunAsync(string rule, string place, params IReadOnlyList<string> options) =>
        _shell.RunAsync(["rules", "explain", rule, place, "--rules", Path.Combine(_shell.Folder, "rules"), .. options]);
}

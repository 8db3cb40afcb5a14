using System.Text.Json;
using Detector.App;

namespace Detector.Tests.App.Commands;

public sealed class RulesTestTests : IDisposable
{
    private const string Rule =
        "title: Key made\nname: key-made\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: CreateAccessKey, errorCode: null}, condition: s}\n";

    private const string Attempt =
        "title: Key tried\nname: key-made-attempt\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: CreateAccessKey, errorCode: '?*'}, condition: s}\n";

    private const string Burst =
        "title: Call\nname: call\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: Call}, condition: s}\n---\n"
        + "title: Burst\nname: burst\ncorrelation: {type: event_count, rules: [call], group-by: [awsRegion], timespan: 5m, condition: {gte: 3}}\n";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Test_ShippedRules_AllPass()
    {
        var code = await _shell.RunAsync("rules", "test");

        Assert.Equal(ExitCode.Done, code);
        Assert.EndsWith("0 failed, 0 rules without cases", _shell.OutLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_CaseThatShouldFire_IsExplainedFieldByField()
    {
        _shell.Write("key-made/rule.yml", Rule);
        var path = _shell.Write("key-made/cases/fires_denied.json", """{"eventName": "CreateAccessKey", "errorCode": "AccessDenied"}""");

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(
            [
                "key-made  0 passed, 1 FAILED",
                $"{path}: key-made does not fire",
                "  key-made on record 0:",
                "    all of ✗",
                "      eventName = CreateAccessKey ✓",
                "      errorCode = null ✗ (found AccessDenied)",
                "0 cases passed, 1 failed, 0 rules without cases",
            ],
            _shell.OutLines
        );
    }

    [Fact]
    public async Task Test_CaseThatShouldBeQuiet_TellsWhichRecordFired()
    {
        _shell.Write("key-made/rule.yml", Rule);
        _shell.Write("key-made/cases/quiet_second.json", """[{"eventName": "Other"}, {"eventName": "CreateAccessKey"}]""");

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("key-made fires\n  key-made on record 1:\n    all of ✓\n", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_Sequence_RaisesItsCorrelationOnce()
    {
        _shell.Write("burst/rule.yml", Burst);
        _shell.Write("burst/cases/fires_three.json", Calls(0, 100, 200));
        _shell.Write("burst/cases/quiet_too_slow.json", Calls(0, 200, 400));
        _shell.Write("burst/cases/quiet_one_of_three_twice.json", Calls(0, 100, 100));

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal("burst  3 passed", _shell.OutLines[0]);
    }

    [Fact]
    public async Task Test_CasesOfSightings_KnowNothingOfEachOther()
    {
        const string use = """{"eventID": "1", "eventName": "CreateAccessKey", "eventTime": "2026-11-16T0{hour}:00:00Z", "userIdentity": {"userName": "a"}}""";
        _shell.Write("key-made/rule.yml", $"{Rule}\ndetector: {{sighting: {{by: [userIdentity.userName], per: 1d}}}}\n");
        _shell.Write("key-made/cases/fires_early.json", use.Replace("{hour}", "1", StringComparison.Ordinal));
        _shell.Write("key-made/cases/fires_later.json", use.Replace("{hour}", "2", StringComparison.Ordinal));

        await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal("key-made  2 passed", _shell.OutLines[0]);
    }

    [Fact]
    public async Task Test_SequenceTooShort_TellsHowManyThereWere()
    {
        _shell.Write("burst/rule.yml", Burst);
        _shell.Write("burst/cases/fires_two.json", Calls(0, 100));

        await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Contains(
            "  burst combines events (event_count) within 00:05:00 by awsRegion; wanted >= 3\n    call: 2 events in group 'eu-west-1'\n",
            _shell.Out,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("fires_cut.json", """{"eventName": "CreateAcc""", "cannot be read")]
    [InlineData("quiet_empty.json", "[]", "holds no event")]
    [InlineData("other.json", "{}", "none of fires_, attempt_ and quiet_")]
    public async Task Test_CaseThatSaysNothing_Fails(string name, string text, string reason)
    {
        _shell.Write("key-made/rule.yml", Rule);
        _shell.Write($"key-made/cases/{name}", text);

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(reason, _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_RuleForAttempts_IsRaisedByItsOwnCasesOnly()
    {
        _shell.Write("key-made/rule.yml", Rule + "---\n" + Attempt);
        _shell.Write("key-made/cases/fires_made.json", """{"eventName": "CreateAccessKey"}""");
        _shell.Write("key-made/cases/attempt_denied.json", """{"eventName": "CreateAccessKey", "errorCode": "AccessDenied"}""");
        _shell.Write("key-made/cases/quiet_other.json", """{"eventName": "Other", "errorCode": "AccessDenied"}""");

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal("key-made, key-made-attempt  3 passed", _shell.OutLines[0]);
    }

    [Theory]
    [InlineData("fires_denied.json", "AccessDenied", "key-made-attempt fires")]
    [InlineData("attempt_made.json", null, "key-made fires")]
    [InlineData("quiet_made.json", null, "key-made fires")]
    [InlineData("quiet_denied.json", "AccessDenied", "key-made-attempt fires")]
    public async Task Test_CaseOfTheOtherKind_Fails(string name, string? errorCode, string reason)
    {
        _shell.Write("key-made/rule.yml", Rule + "---\n" + Attempt);
        _shell.Write(
            $"key-made/cases/{name}",
            JsonSerializer.Serialize(new Dictionary<string, string?> { ["eventName"] = "CreateAccessKey", ["errorCode"] = errorCode })
        );

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains($"{name}: {reason}", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_AttemptWithoutARuleForIt_Fails()
    {
        _shell.Write("key-made/rule.yml", Rule);
        _shell.Write("key-made/cases/attempt_denied.json", """{"eventName": "CreateAccessKey", "errorCode": "AccessDenied"}""");

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("no rule of its folder is named ...-attempt", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_RuleWithoutCases_IsNamed()
    {
        _shell.Write("key-made/rule.yml", Rule);

        var code = await _shell.RunAsync("rules", "test", _shell.Folder);

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal("key-made  no cases", _shell.OutLines[0]);
    }

    [Fact]
    public async Task Test_JsonOutput_HoldsTheExplanation()
    {
        _shell.Write("key-made/rule.yml", Rule);
        _shell.Write("key-made/cases/fires_other.json", """{"eventName": "Other"}""");

        await _shell.RunAsync("rules", "test", _shell.Folder, "--output", "json");

        var answer = JsonDocument.Parse(_shell.Out).RootElement;
        Assert.Equal(1, answer.GetProperty("failed").GetInt32());
        var failure = Assert.Single(answer.GetProperty("failures").EnumerateArray());
        Assert.Equal("key-made", failure.GetProperty("rule").GetString());
        Assert.Contains(
            "    eventName = CreateAccessKey ✗ (found Other)",
            failure.GetProperty("explanation").EnumerateArray().Select(line => line.GetString())
        );
    }

    private static string Calls(params IEnumerable<int> seconds) =>
        $"[{string.Join(',', seconds.Select(second =>
            $$"""{"eventID": "{{second}}", "eventName": "Call", "awsRegion": "eu-west-1", "eventTime": "{{Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ}}"}"""))}]";

    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
}

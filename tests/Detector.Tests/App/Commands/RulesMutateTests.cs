using System.Text.Json;
using System.Xml.Linq;
using Detector.App;
using Detector.App.RuleTests.Mutations;

namespace Detector.Tests.App.Commands;

/// <summary>What <c>rules test</c> tells beside cases that fail: branches that no case takes, and what mutation finds.</summary>
public sealed class RulesMutateTests : IDisposable
{
    private const string Head = "title: Made\nname: made\nlogsource: {product: aws, service: cloudtrail}\n";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Mutate_ShippedRules_StandEveryChange()
    {
        var code = await _shell.RunAsync("rules", "test", "--mutate");

        Assert.True(code == ExitCode.Done, _shell.Out);
    }

    [Fact]
    public async Task Mutate_RuleForOnePartition_IsToldWhatToDo()
    {
        Write("detection: {s: {policy: 'arn:aws:iam::aws:policy/Admin'}, condition: s}\n");
        _shell.Write("made/cases/fires_it.json", """{"policy": "arn:aws:iam::aws:policy/Admin"}""");

        var code = await RunAsync("--mutate");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(
            "made does not fire any more under the mutation partition-aws-cn (every ARN of the partition aws-cn)",
            _shell.Out,
            StringComparison.Ordinal
        );
        Assert.Contains("say why not in", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("policy = arn:aws:iam::aws:policy/Admin ✗ (found arn:aws-cn:iam::aws:policy/Admin)", _shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("under the mutation partition-aws (", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutate_RuleThatSaysWhyNot_IsExcused()
    {
        Write("detection: {s: {userAgent|contains: evil}, condition: s}\ndetector: {mutations: {user-agent: the tool is what it looks for}}\n");
        _shell.Write("made/cases/fires_it.json", """{"userAgent": "evil/1.0"}""");

        var code = await RunAsync("--mutate");

        Assert.True(code == ExitCode.Done, _shell.Out);
    }

    [Theory]
    [InlineData("region", "made stands the mutation region in every case: take the excuse out of its file")]
    [InlineData("weather", "made excuses itself from weather, and there is no such mutation: there are key-order, ")]
    public async Task Mutate_ExcuseForNothing_Fails(string mutation, string reason)
    {
        Write($"detection: {{s: {{eventName: Make}}, condition: s}}\ndetector: {{mutations: {{{mutation}: because}}}}\n");
        _shell.Write("made/cases/fires_it.json", """{"eventName": "Make", "awsRegion": "eu-west-1"}""");

        var code = await RunAsync("--mutate");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(reason, _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutate_ConditionThatAnotherImplies_IsHinted()
    {
        Write("detection: {s: {eventName: CreateAccessKey}, t: {eventName|contains: AccessKey}, condition: s and t}\n");
        _shell.Write("made/cases/fires_it.json", """{"eventName": "CreateAccessKey"}""");

        var code = await RunAsync("--mutate");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains(
            "hint: made eventName contains AccessKey cannot be broken alone: eventName = CreateAccessKey breaks with it",
            _shell.Out,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Mutate_ConditionThatMattersInNoCase_IsHinted()
    {
        Write("detection: {a: {x: 1}, b: {y: 1}, condition: a or b}\n");
        _shell.Write("made/cases/fires_both.json", """{"x": 1, "y": 1}""");

        await RunAsync("--mutate");

        Assert.Contains("hint: made needs in no case that fires: y = 1", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutate_CorrelationThatOneEventRaises_Fails()
    {
        _shell.Write(
            "burst/rule.yml",
            Head
                + "detection: {s: {eventName: Make}, condition: s}\n---\n"
                + "title: Burst\nname: burst\ncorrelation: {type: event_count, rules: [made], group-by: [awsRegion], timespan: 5m, condition: {gte: 1}}\n"
        );
        _shell.Write("burst/cases/fires_it.json", """{"eventID": "1", "eventName": "Make", "awsRegion": "eu-west-1", "eventTime": "2026-11-23T09:00:00Z"}""");

        var code = await RunAsync("--mutate");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("burst fires although each event has another value of awsRegion", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("burst fires although the events are more than 00:05:00 apart", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutate_RuleThatAsksHistory_IsAskedInItsPlaceInTime()
    {
        Write("detection: {s: {eventSource: ec2.amazonaws.com, eventName: RunInstances, detector.history.keyPairExists: 'true'}, condition: s}\n");
        _shell.Write("made/cases/fires_imported.json", $"[{Ec2("ImportKeyPair", 1)}, {Ec2("RunInstances", 2)}, {Ec2("DeleteKeyPair", 3)}]");
        _shell.Write("made/cases/quiet_unknown.json", Ec2("RunInstances", 2));

        var code = await RunAsync("--mutate", "--strict");

        Assert.True(code == ExitCode.Done, _shell.Out);
        Assert.DoesNotContain("hint:", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_BranchesThatNoCaseTakes_AreNoted()
    {
        Write(
            "detection: {s: {eventName: [Make, Remake, Unmake]}, other: {kind: odd}, by: {who: [robot, cat]}, never: {x: y}, condition: (s or other) and not by and not never}\n"
        );
        _shell.Write("made/cases/fires_it.json", """{"eventName": "Make"}""");
        _shell.Write("made/cases/quiet_cat.json", """{"eventName": "Make", "who": "cat"}""");
        _shell.Write("made/cases/quiet_robot_unasked.json", """{"eventName": "Other", "who": "robot"}""");

        var code = await RunAsync();

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(
            [
                "note: made holds in no case that fires: eventName: any of Remake, Unmake",
                "note: made holds in no case that fires: kind = odd",
                "note: made decides no quiet case: not (who = robot)",
                "note: made decides no quiet case: not (x = y)",
            ],
            _shell
                .OutLines.Where(line => line.Contains("note:", StringComparison.Ordinal))
                .Select(line => line[line.IndexOf("note:", StringComparison.Ordinal)..])
        );
        Assert.Equal("5 branches of conditions are taken by no case", _shell.OutLines[^2]);
    }

    [Fact]
    public async Task Test_StrictAndABranchThatNoCaseTakes_Fails()
    {
        Write("detection: {s: {eventName: [Make, Remake]}, condition: s}\n");
        _shell.Write("made/cases/fires_it.json", """{"eventName": "Make"}""");

        var code = await RunAsync("--strict", "--output", "json");

        Assert.Equal(ExitCode.Failed, code);
        var branch = Assert.Single(JsonDocument.Parse(_shell.Out).RootElement.GetProperty("unexercised").EnumerateArray());
        Assert.Equal("holds in no case that fires: eventName = Remake", branch.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Test_JUnit_HasASuitePerFolderAndACasePerFile()
    {
        Write("detection: {s: {eventName: Make}, condition: s}\n");
        _shell.Write("made/cases/fires_it.json", """{"eventName": "Make"}""");
        _shell.Write("made/cases/fires_other.json", "{\"eventName\": \"\\u0007<&\"}");
        var file = Path.Combine(_shell.Folder, "results.xml");

        var code = await RunAsync("--junit", file);

        Assert.Equal(ExitCode.Failed, code);
        var suites = XDocument.Load(file).Root!;
        Assert.Equal("2", suites.Attribute("tests")!.Value);
        var suite = Assert.Single(suites.Elements());
        Assert.Equal(("made", "1"), (suite.Attribute("name")!.Value, suite.Attribute("failures")!.Value));
        Assert.Equal(["fires_it.json", "fires_other.json"], suite.Elements("testcase").Select(one => one.Attribute("name")!.Value));
        Assert.All(suite.Elements("testcase"), one => Assert.Matches("^[0-9]+\\.[0-9]{3}$", one.Attribute("time")!.Value));
        var failure = Assert.Single(suite.Descendants("failure"));
        Assert.Equal("made does not fire", failure.Attribute("message")!.Value);
        Assert.Contains("eventName = Make ✗ (found \\u0007<&)", failure.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_JUnitToOut_IsTheWholeOutput()
    {
        Write("detection: {s: {eventName: Make}, condition: s}\n");
        _shell.Write("made/cases/fires_it.json", """{"eventName": "Make"}""");

        await RunAsync("--output", "junit");

        Assert.Equal("testsuites", XDocument.Parse(_shell.Out).Root!.Name.LocalName);
    }

    [Fact]
    public void Document_OfMutations_IsTheirTable()
    {
        const string begin = "<!-- mutations: begin -->";
        var path = Repository.PathOf("docs", "testing-rules.md");
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal) + begin.Length, text.IndexOf("<!-- mutations: end -->", StringComparison.Ordinal));
        var table = "| mutation | the record |\n|---|---|\n" + string.Concat(Preserving.All.Select(m => $"| `{m.Name}` | {m.Meaning} |\n"));
        if (Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, $"{text[..from]}\n\n{table}\n{text[to..]}");
            return;
        }

        Assert.Equal(table.Trim(), text[from..to].Trim());
    }

    private static string Ec2(string name, int minute) =>
        $"{{\"eventID\": \"{minute}\", \"eventTime\": \"2026-11-23T09:0{minute}:00Z\", \"eventSource\": \"ec2.amazonaws.com\", \"eventName\": \"{name}\", "
        + "\"awsRegion\": \"eu-west-1\", \"recipientAccountId\": \"111122223333\", \"requestParameters\": {\"keyName\": \"k\"}}";

    private void Write(string rule) => _shell.Write("made/rule.yml", Head + rule);

    private Task<int> RunAsync(params IReadOnlyList<string> options) => _shell.RunAsync(["rules", "test", _shell.Folder, .. options]);
}

using System.Text.Json;
using Detector.App;
using Detector.App.Backtests;

namespace Detector.Tests.App.Commands;

public sealed class RulesBacktestTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Backtest_Rules_AreCountedByDayQuietDaysIncludedAndByActor()
    {
        Rule("rules/made.yml", "made", "eventName: Make");
        Rule("rules/never.yml", "never", "eventName: Never");
        Trail([Event("1", "Other", "01"), Event("2", "Make", "02"), Event("3", "Make", "04", "bob"), Event("4", "Make", "04"), Event("5", "Make", "04")]);

        var code = await RunAsync("rules");

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(
            [
                "4 alerts of 1 rule; 1 never fired.",
                "Alerts a day: 0 to 3, median 0.5, the most on 2026-11-04.",
                "Judged: 5 records of 1 file, 2026-11-01 to 2026-11-04 (4 days).",
                "RULE  LEVEL   ALERTS  A DAY               MOST ON     ACTORS",
                "made  medium       4  0 to 3, median 0.5  2026-11-04  2",
                "Noisiest actors:",
                "RULE  WHO    ALERTS",
                "made  alice  3",
                "made  bob    1",
                "1 rule never fired:",
                "never",
            ],
            _shell.OutLines
        );
    }

    [Fact]
    public async Task Backtest_Against_TellsRulesAndEventsThatDiffer()
    {
        Rule("old/a.yml", "narrowed", "eventName: Make");
        Rule("old/b.yml", "gone", "eventName: Other");
        Rule("old/c.yml", "louder", "eventName: Look");
        Rule("old/d.yml", "same", "eventName: Same");
        Rule("new/a.yml", "narrowed", "eventName: Make, userIdentity.arn: alice");
        Rule("new/c.yml", "louder", "eventName: Look", "level: high");
        Rule("new/d.yml", "same", "eventName: Same");
        Rule("new/e.yml", "fresh", "eventName: [Look, Other]");
        var trail = Trail([
            Event("1", "Make", "01"),
            Event("2", "Make", "02", "bob"),
            Event("3", "Make", "02", "bob"),
            Event("4", "Other", "02"),
            Event("5", "Look", "03"),
            Event("6", "Same", "03"),
        ]);

        var code = await RunAsync("new", "--against", Folder("old"));

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(
            ["5 alerts, 6 before.", "2 events of 1 rule told only now, 3 events of 2 rules only before; 1 rule new, 1 rule gone, 1 rule of another level."],
            _shell.OutLines.Take(2)
        );
        Assert.Equal(
            [
                "RULE      CHANGE  LEVEL          BEFORE  ALERTS  EVENTS ONLY BEFORE  EVENTS ONLY NOW  A DAY             MOST ON",
                "narrowed          medium              3       1                   2                0  0 to 1, median 0  2026-11-01",
                "fresh     new     medium              0       2                   0                2  0 to 1, median 1  2026-11-02",
                "gone      gone    medium              1       0                   1                0  -                 -",
                "louder            medium → high       1       1                   0                0  0 to 1, median 0  2026-11-03",
                "2 events told only now, by rule, actor and day, with the first of each:",
                "RULE   WHO    EVENTS  TIME                  WHAT   WHERE",
                $"fresh  alice       1  2026-11-02T09:00:00Z  Other  {trail}#3",
                $"fresh  alice       1  2026-11-03T09:00:00Z  Look   {trail}#4",
                "3 events told only before, by rule, actor and day, with the first of each:",
                "RULE      WHO    EVENTS  TIME                  WHAT   WHERE",
                $"gone      alice       1  2026-11-02T09:00:00Z  Other  {trail}#3",
                $"narrowed  bob         2  2026-11-02T09:00:00Z  Make   {trail}#1",
            ],
            _shell.OutLines.Skip(4).Take(13)
        );
        Assert.Contains("1 rule as before:", _shell.OutLines);
    }

    [Fact]
    public async Task Backtest_SameEventsInFewerAlertsUnderAnotherId_LoseNothing()
    {
        Rule("old/a.yml", "made", "eventName: Make", "id: 5f2b0c54-0000-4000-8000-000000000001");
        Rule("new/a.yml", "made", "eventName: Make", "id: 5f2b0c54-0000-4000-8000-000000000002\ndetector: {suppress: {by: [userIdentity.arn], for: 24h}}");
        Trail([Event("1", "Make", "01"), Event("2", "Make", "01"), Event("3", "Make", "01")]);

        await RunAsync("new", "--against", Folder("old"));

        Assert.Equal(["1 alert, 3 before.", "Both tell of the same events."], _shell.OutLines.Take(2));
        Assert.Contains(_shell.OutLines, line => line.StartsWith("made          medium       3       1 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Backtest_AgainstItself_DiffersInNothing()
    {
        Rule("rules/a.yml", "made", "eventName: Make");
        _shell.Write(
            "rules/b.yml",
            "title: Burst\nname: burst\ncorrelation: {type: event_count, rules: [made], group-by: [userIdentity.arn], timespan: 5m, condition: {gte: 2}, generate: true}\n"
        );
        Trail([Event("1", "Make", "01"), Event("2", "Make", "01"), Event("3", "Make", "01")]);

        var code = await RunAsync("rules", "--against", Folder("rules"));

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("Both tell of the same events.", _shell.OutLines);
        Assert.DoesNotContain("ONLY BEFORE", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("2 rules as before:", _shell.OutLines);
    }

    [Fact]
    public async Task Backtest_StandardInput_IsReadOnceForBoth()
    {
        Rule("old/a.yml", "made", "eventName: Other");
        Rule("new/a.yml", "made", "eventName: Make");
        _shell.In = System.Text.Encoding.UTF8.GetBytes($"[{Event("1", "Make", "01")},{Event("2", "Other", "01")}]");

        var code = await _shell.RunAsync("rules", "backtest", Folder("new"), "-", "--against", Folder("old"));

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(["1 alert, 1 before.", "1 event of 1 rule told only now, 1 event of 1 rule only before."], _shell.OutLines.Take(2));
    }

    [Fact]
    public async Task Backtest_Json_TellsAllOfIt()
    {
        Rule("old/a.yml", "made", "eventName: Other");
        Rule("new/a.yml", "made", "eventName: Make", "level: low");
        var trail = Trail([Event("1", "Make", "01"), Event("2", "Other", "02"), Event("3", "Make", "03", "bob")]);

        await RunAsync("new", "--against", Folder("old"), "--output", "json");

        var json = JsonDocument.Parse(_shell.Out).RootElement;
        Assert.Equal("""{"count":2,"least":0,"median":1,"most":1,"mostOn":"2026-11-01","byDay":{"2026-11-01":1,"2026-11-03":1}}""", Raw(json, "alerts"));
        Assert.Equal("""{"count":1,"least":0,"median":0,"most":1,"mostOn":"2026-11-02","byDay":{"2026-11-02":1}}""", Raw(json, "before"));
        var rule = Assert.Single(json.GetProperty("rules").EnumerateArray());
        Assert.Equal("\"level\"", Raw(rule, "change"));
        Assert.Equal("\"low\"", Raw(rule, "level"));
        Assert.Equal("\"medium\"", Raw(rule, "levelBefore"));
        Assert.Equal(
            $$$"""{"events":1,"rows":[{"actor":"alice","day":"2026-11-02","events":1,"first":{"eventID":"2","eventTime":"2026-11-02T09:00:00Z","eventName":"Other","file":"{{{trail}}}","index":1}}]}""",
            Raw(rule, "onlyBefore")
        );
        Assert.Equal("""[{"actor":"alice","alerts":1,"before":1},{"actor":"bob","alerts":1,"before":0}]""", Raw(rule, "actors"));
    }

    [Fact]
    public async Task Backtest_Markdown_BeginsWithTheSummaryAndFoldsTheRest()
    {
        Rule("old/a.yml", "made", "eventName: Other");
        Rule("new/a.yml", "made", "eventName: Make");
        var trail = Trail([Event("1", "Make", "01")]);

        await RunAsync("new", "--against", Folder("old"), "--output", "markdown");

        Assert.Equal(
            $"""
            1 alert, 0 before. 1 event of 1 rule told only now, 0 events of 0 rules only before. Alerts a day: 1 to 1, median 1, the most on 2026-11-01. Judged: 1 record of 1 file, 2026-11-01 to 2026-11-01 (1 day).

            | rule | change | level | before | alerts | events only before | events only now | a day | most on |
            |---|---|---|---:|---:|---:|---:|---|---|
            | `made` |  | medium | 0 | 1 | 0 | 1 | 1 to 1, median 1 | 2026-11-01 |

            <details><summary>1 event told only now, by rule, actor and day, with the first of each</summary>

            | rule | who | events | time | what | where |
            |---|---|---:|---|---|---|
            | `made` | `alice` | 1 | 2026-11-01T09:00:00Z | `Make` | `{trail}#0` |

            </details>

            <details><summary>Noisiest actors</summary>

            | rule | who | before | alerts |
            |---|---|---:|---:|
            | `made` | `alice` | 0 | 1 |

            </details>

            """,
            _shell.Out
        );
    }

    [Theory]
    [InlineData("plain", "`plain`")]
    [InlineData("a|b", "`a\\u007cb`")]
    [InlineData("a\\|b", "`a\\\\u007cb`")]
    [InlineData("`x` @team", "`\\u0060x\\u0060 @team`")]
    [InlineData("<img src=x> [a](b)", "`<img src=x> [a](b)`")]
    [InlineData("two\nlines", "`two\\u000alines`")]
    [InlineData("right\u202eleft", "`right\\u202eleft`")]
    [InlineData(" ", "")]
    public void Code_HostileName_StaysInItsCell(string text, string expected) => Assert.Equal(expected, BacktestMarkdown.Code(text));

    [Fact]
    public async Task Backtest_HostileActor_StaysInItsCell()
    {
        Rule("rules/a.yml", "made", "eventName: Make");
        Trail([Event("1", "Make", "01", "x` |</details>@all\\u001b[2J")]);

        await RunAsync("rules", "--output", "markdown");
        await RunAsync("rules");

        Assert.Contains("| `made` | `x\\u0060 \\u007c</details>@all\\u001b[2J` | 1 |", _shell.OutLines);
        Assert.Contains("made  x` |</details>@all\\u001b[2J  1", _shell.OutLines);
    }

    [Fact]
    public async Task Backtest_ManyActors_AreToldByTheNoisiestAndCounted()
    {
        Rule("old/a.yml", "made", "eventName: Other");
        Rule("new/a.yml", "made", "eventName: Make");
        Trail([.. Enumerable.Range(0, 200).Select(n => Event($"{n}", "Make", "01", $"user{n % 150:D3}"))]);

        await RunAsync("new", "--against", Folder("old"));
        await RunAsync("new", "--output", "json");

        Assert.Contains("and 160 events of other actors and days", _shell.OutLines);
        var rule = JsonDocument.Parse(_shell.OutLines[^1]).RootElement.GetProperty("rules")[0];
        Assert.Equal(150, rule.GetProperty("actorCount").GetInt32());
        Assert.Equal(
            ["user000", "user001", "user002", "user003", "user004"],
            rule.GetProperty("actors").EnumerateArray().Select(actor => actor.GetProperty("actor").GetString())
        );
    }

    [Fact]
    public async Task Backtest_RefusedRuleAndUnreadableRecord_AreToldAndTheRestIsDone()
    {
        Rule("rules/a.yml", "made", "eventName: Make");
        var bad = _shell.Write("rules/b.yml", "title: [");
        var trail = _shell.Write("t.json", Event("1", "Make", "01") + "\nnonsense\n");

        var code = await _shell.RunAsync("rules", "backtest", Folder("rules"), trail, "--output", "markdown");

        Assert.Equal(ExitCode.Partly, code);
        Assert.Contains($"rules: refused: {bad}:", _shell.Error, StringComparison.Ordinal);
        Assert.Contains($"{trail}: record 1 at byte ", _shell.Error, StringComparison.Ordinal);
        Assert.Contains("1 rule refused.", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("<details><summary>1 rule refused</summary>", _shell.OutLines);
    }

    [Fact]
    public async Task Backtest_OptionsOfTheArchive_AreThoseOfReplay()
    {
        Rule("rules/a.yml", "made", "eventName: Make");
        Trail([Event("1", "Make", "01"), Event("2", "Make", "02"), Event("3", "Make", "03")]);

        await RunAsync("rules", "--from", "2026-11-02", "--to", "2026-11-02");

        Assert.StartsWith("1 alert of 1 rule", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("2026-11-02 to 2026-11-02 (1 day)", _shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backtest_ShippedAndMore_IsWhatPlusSays()
    {
        Rule("mine/a.yml", "made", "eventName: Make");
        Trail([Event("1", "Make", "01")]);

        var code = await _shell.RunAsync("rules", "backtest", "+" + Folder("mine"), Folder("t.json"), "--against", Folder("mine"), "--output", "json");

        Assert.Equal(ExitCode.Done, code);
        var rules = JsonDocument.Parse(_shell.Out).RootElement.GetProperty("rules").EnumerateArray().ToList();
        Assert.Contains(rules, rule => rule.GetProperty("rule").GetString() == "root-usage" && rule.GetProperty("change").GetString() == "new");
        Assert.Contains(rules, rule => rule.GetProperty("rule").GetString() == "made" && rule.GetProperty("change").ValueKind == JsonValueKind.Null);
    }

    [Theory]
    [InlineData("nowhere .", "nowhere is neither a folder nor a file")]
    [InlineData(". . --against nowhere", "nowhere is neither a folder nor a file")]
    [InlineData(". nowhere", "nowhere is neither a file nor a folder")]
    [InlineData(".", "Nothing to read")]
    [InlineData(". . --output csv", "csv")]
    [InlineData(". . --enqueue https://sqs.eu-west-1.amazonaws.com/111122223333/q", "--enqueue")]
    public async Task Backtest_WrongUsage_TellsWhatIsWrong(string args, string part)
    {
        var code = await _shell.RunAsync(["rules", "backtest", .. args.Split(' ')]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(part, _shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backtest_NoRules_IsWrongConfiguration()
    {
        _shell.Write("empty/readme.txt", "");
        Trail([Event("1", "Make", "01")]);

        Assert.Equal(ExitCode.Usage, await RunAsync("empty"));
        Assert.Contains("not one rule could be loaded", _shell.Error, StringComparison.Ordinal);
    }

    private static string Raw(JsonElement json, string name) => json.GetProperty(name).GetRawText();

    private string Folder(string name) => Path.Combine(_shell.Folder, name);

    private Task<int> RunAsync(string rules, params string[] args) => _shell.RunAsync(["rules", "backtest", Folder(rules), Folder("t.json"), .. args]);

    private void Rule(string file, string name, string selection, string more = "status: test") =>
        _shell.Write(
            file,
            $"title: {name}\nname: {name}\n{more}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{{selection}}}, condition: s}}\n"
        );

    private string Trail(IReadOnlyList<string> events) => _shell.Write("t.json", $"[{string.Join(',', events)}]");

    private static string Event(string id, string name, string day, string actor = "alice") =>
        $$$"""{"eventID": "{{{id}}}", "eventName": "{{{name}}}", "eventTime": "2026-11-{{{day}}}T09:00:00Z", "userIdentity": {"arn": "{{{actor}}}"}}""";
}

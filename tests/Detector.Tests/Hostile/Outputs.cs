using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.App;
using Detector.App.Doctor;
using Detector.App.Practices;
using Detector.App.Status;
using Detector.Core.Detection;
using Detector.Tests.App.Commands;
using Finding = Detector.App.Doctor.Finding;

namespace Detector.Tests.Hostile;

/// <summary>What commands say of hostile records and of rules whose every word is hostile: for people, for programs, and as pages.</summary>
internal static partial class Outputs
{
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 4, 0, TimeSpan.Zero);

    private static PageReader Scorecards { get; } = new(Sinks.Harmless.Select(batch => Written(output => ScorecardPage.Write(output, Card(batch)))));

    /// <summary>The practices' scorecard, in its three forms.</summary>
    public static IEnumerable<string> Practices(HostileBatch batch)
    {
        var card = Card(batch);
        return
        [
            .. Wrapped(Written(output => ScorecardTable.Write(output, card, 120))),
            .. Lines(Written(output => ScorecardJson.Write(output, card))).SelectMany(Reader.JsonLine),
            .. Scorecards.Violations(Written(output => ScorecardPage.Write(output, card))),
        ];
    }

    /// <summary>The doctor's findings, whose words come in part from AWS's answers.</summary>
    public static IEnumerable<string> Doctor(HostileBatch batch)
    {
        List<Finding> findings = [.. batch.Texts.Select(text => new Finding("queue", FindingState.Problem, text, text))];
        var table = Written(output => DoctorOutput.Table(output, findings));
        var json = Lines(Written(output => DoctorOutput.Json(output, findings)));
        return
        [
            .. Words(table),
            .. json.SelectMany(Reader.JsonLine),
            // A line each for what is so and for what to do, and the count.
            .. Lines(table).Count == 2 * findings.Count + 1 && json.Count == findings.Count ? Array.Empty<string>() : ["a line of its own"],
        ];
    }

    /// <summary>The status as programs read it.</summary>
    public static IEnumerable<string> StatusJson(HostileBatch batch) =>
        Reader.JsonLine(Encoding.UTF8.GetString(StatusAnswers.Whole(Sinks.StatusOf(batch)).Body.Span).TrimEnd('\n'));

    /// <summary>Commands about rules.</summary>
    public static async Task<IEnumerable<string>> RulesAsync(HostileBatch batch)
    {
        using var people = new Shell { Width = 120 };
        using var machines = new Shell();
        var problems = new List<string>();
        foreach (var (shell, output) in ((Shell, string)[])[(people, "table"), (machines, "json")])
        {
            Write(shell, batch);
            var (rules, trail, words) = (At(shell, "rules"), At(shell, "trail.json"), output == "table" ? "text" : output);
            string[][] commands =
            [
                ["list", rules, "--output", output],
                ["check", rules, "--output", words],
                ["check", rules, "--output", words, "--against", trail],
                ["test", rules, "--output", words],
                ["explain", "made", trail, "--rules", rules, "--output", words],
                ["backtest", rules, trail, "--against", At(shell, "others"), "--output", output],
            ];
            foreach (var command in commands)
            {
                if (await shell.RunAsync(["rules", .. command]) is ExitCode.Usage)
                    problems.Add($"rules {command[0]} did nothing: {shell.Error}");
            }
        }
        return [.. problems, .. Words(people.Out), .. Words(people.Error), .. machines.OutLines.SelectMany(Reader.JsonLine), .. Words(machines.Error)];
    }

    /// <summary>A rule whose words are hostile, a suppression likewise, one that is refused, and records that the first fires on.</summary>
    private static void Write(Shell shell, HostileBatch batch)
    {
        var texts = batch.Texts.Select(Json).ToList();
        shell.Write("trail.json", $"[{string.Join(',', batch.Records)}]");
        shell.Write("rules/made/cases/fires_any.json", batch.Records[0]);
        shell.Write(
            "rules/made/rule.yml",
            $$"""
            title: {{texts[0]}}
            id: {{texts[1]}}
            name: made
            description: {{texts[2]}}
            author: {{texts[3]}}
            tags: [{{texts[4]}}, detector.root-usage]
            level: high
            falsepositives: [{{texts[5]}}]
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {eventTime|exists: true}, other: {userAgent: {{texts[6]}} }, condition: s and not other}
            """
        );
        shell.Write(
            "rules/suppressions/known.yml",
            $$"""
            title: {{texts[7]}}
            name: {{texts[8]}}
            owner: {{texts[9]}}
            reason: {{texts[3]}}
            expires: 2027-03-01
            logsource: {product: aws, service: cloudtrail}
            filter: {rules: [made], s: {userIdentity.arn: {{texts[4]}} }, condition: not s}
            """
        );
        // A reader of conditions names the word that it does not know, and not the text around it: that is no cut, so there are no marks to look for.
        var condition = Json(batch.Texts[7].Replace(HostileText.Begin, "", StringComparison.Ordinal).Replace(HostileText.End, "", StringComparison.Ordinal));
        shell.Write("rules/refused.yml", $"title: {texts[5]}\nlogsource: {{product: aws}}\ndetection: {{s: {{{texts[6]}: 1}}, condition: {condition}}}\n");
        shell.Write(
            "others/rule.yml",
            $"title: {texts[8]}\nname: other\nlogsource: {{product: aws}}\ndetection: {{s: {{eventTime|exists: true}}, condition: s}}\n"
        );
    }

    private static string At(Shell shell, string name) => Path.Combine(shell.Folder, name);

    private static Scorecard Card(HostileBatch batch)
    {
        var survey = Sinks.Surveyed(batch);
        var tallies = new Tallies();
        foreach (var (alert, practice) in batch.Alerts.Zip(PracticeCatalogue.All))
            tallies.Add(alert with { Rule = alert.Rule with { Tags = [.. practice.Detections.Take(1).Select(slug => $"detector.{slug}")] } });
        var watched = PracticeCatalogue.All.SelectMany(practice => practice.Detections).ToHashSet(StringComparer.Ordinal);
        var judge = new PracticeJudge(new Holdings(survey, []), watched, null);
        return new Scorecard(
            Now,
            new ScorecardScope(default, new PlaceScope([], []), []),
            survey,
            Files: 1,
            Losses: 1,
            batch.Texts[0],
            Rules: 1,
            tallies.Alerts,
            tallies.Unassigned,
            [.. PracticeCatalogue.All.Select(practice => judge.Judge(practice, tallies.Findings(practice), tallies.Evidence(practice)))]
        );
    }

    private static IEnumerable<string> Words(string text) => Reader.Terminal(text).Concat(Lines(text).SelectMany(line => Reader.Cuts(line)));

    /// <summary>Words that go on in the next line are one text.</summary>
    private static IEnumerable<string> Wrapped(string text) => Reader.Terminal(text).Concat(Reader.Cuts(NextLine.Replace(text, "")));

    private static List<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>In the double quotes of YAML, which reads JSON.</summary>
    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static string Written(Action<TextWriter> write)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        write(output);
        return output.ToString();
    }

    [GeneratedRegex("\n *", RegexOptions.None, 10_000)]
    private static partial Regex NextLine { get; }
}

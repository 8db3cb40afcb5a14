using System.CommandLine;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>The commands about rules, and their options.</summary>
internal static class RulesCommandLine
{
    public static Command Create(Terminal terminal) =>
        new("rules", "Checks, tests, explains, backtests and lists rules.")
        {
            Check(terminal),
            Test(terminal),
            Explain(terminal),
            RulesBacktestCommandLine.Create(terminal),
            List(terminal),
        };

    private static Command Check(Terminal terminal)
    {
        var folders = Folders();
        var output = new Option<string>("--output")
        {
            HelpName = "text|json|sarif",
            Description = "How to answer: lines for people, one JSON object per finding and line, or a SARIF 2.1.0 log.",
            DefaultValueFactory = _ => "text",
        }.OneOf(["text", "json", "sarif"]);
        var strict = new Option<bool>("--strict")
        {
            Description = "Takes one refused rule for wrong configuration (exit code 2), and notes what a rule does not say of itself.",
        };
        var failOn = new Option<string>("--fail-on")
        {
            HelpName = "error|warning",
            Description = "From which level on a finding fails the check.",
            DefaultValueFactory = _ => "error",
        }.OneOf(["error", "warning"]);
        var against = new Option<string[]>("--against")
        {
            HelpName = "PATH",
            Description = "Files, folders or s3://bucket/prefix of an archive: tells what each suppression would have hidden in it. May be repeated.",
            DefaultValueFactory = _ => [],
        };
        against.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (PlaceOptions.WhatIsWrongWith(token.Value) is { } wrong)
                    result.AddError($"--against: {OneLine.Of(token.Value)} {wrong}.");
            }
        });
        var check = new Command(
            "check",
            """
            Loads rules as a run would, and looks them over: tells every refused rule, rules and filters that CloudTrail's records can never meet, tests that miss
            what they look for, exclusions that a caller can choose, what must be delivered and what a rule costs, with file, line, column, reason and what to do.

            Examples:
              detector rules check                   the rules that travel with the program
              detector rules check my-rules          a folder, with all folders below it
              detector rules check my-rules --strict --fail-on warning
              detector rules check my-rules --output sarif > rules.sarif
              detector rules check +my-rules --against AWSLogs     suppressions of rules that travel with the program, too

            Exit codes: 0 no errors, 1 a rule was refused or can never fire (with --fail-on warning, any warning), 2 nothing loaded, or with --strict some refused.
            """
        )
        {
            folders,
            output,
            strict,
            failOn,
            against,
        };
        check.SetAction(parsed =>
            Startup.Tool(
                () =>
                    RulesCheckCommand.Run(
                        new RulesCheckSettings(
                            FoldersOf(parsed, folders),
                            parsed.GetValue(output)!,
                            parsed.GetValue(strict),
                            parsed.GetValue(failOn) == "warning",
                            parsed.GetValue(against) ?? []
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return check;
    }

    private static Command Test(Terminal terminal)
    {
        var folders = Folders();
        var output = Output("text", "json", "junit");
        var junit = new Option<string?>("--junit") { HelpName = "FILE", Description = "Writes the results as JUnit's XML into a file besides." };
        var mutate = new Option<bool>("--mutate") { Description = "Changes the cases that fire, too: see above." };
        var strict = new Option<bool>("--strict") { Description = "Takes a branch that no case takes for a failure: exit code 1." };
        var test = new Command(
            "test",
            """
            Runs the cases beside each rule: cases/fires_*.json must raise it, cases/quiet_*.json must not. Where the file holds a second rule, for attempts that
            were denied, named as the first and ending in -attempt, cases/attempt_*.json must raise that one and not the first, fires_ only the first, and quiet_
            neither. A case holds one event or several, in any shape that a trail has; several go through the whole engine, so they can raise a correlation. A
            failed case is explained, field by field. Branches of a condition that no case takes are told: alternatives that hold in no case that fires, and
            exclusions that decide no quiet case.

            With --mutate, cases that fire are changed. When any one condition that the rule needs is broken in the event, it must stop firing. When the change
            preserves the attack (another order or white space of JSON and policies, another partition, region, account or user agent, an envelope, no
            sessionContext, unknown fields and more), it must keep firing, unless the rule's file says why not: detector: {mutations: {partition-aws-cn: the reason}}.

            Examples:
              detector rules test                        the rules that travel with the program
              detector rules test my-rules               a folder, with all folders below it
              detector rules test my-rules --mutate --strict --junit results.xml

            Exit codes: 0 all cases passed, 1 a case failed, 3 a rule was refused and the others passed, 2 nothing loaded.
            """
        )
        {
            folders,
            output,
            junit,
            mutate,
            strict,
        };
        test.SetAction(parsed =>
            Startup.Tool(
                () =>
                    RulesTestCommand.Run(
                        new RulesTestSettings(
                            FoldersOf(parsed, folders),
                            Enum.Parse<TestOutput>(parsed.GetValue(output)!, ignoreCase: true),
                            parsed.GetValue(junit),
                            parsed.GetValue(mutate),
                            parsed.GetValue(strict)
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return test;
    }

    private static Command List(Terminal terminal)
    {
        var folders = Folders();
        var output = new Option<string>("--output")
        {
            HelpName = "table|json|markdown",
            Description = "How to answer: a table that fits the terminal, one JSON object per rule and line, or a Markdown table.",
            DefaultValueFactory = _ => "table",
        }.OneOf(["table", "json", "markdown"]);
        var list = new Command(
            "list",
            """
            Lists the rules that alert: what practice each watches, its level, techniques of MITRE ATT&CK, its cases (fires/attempt/quiet), when it was last changed,
            and whether it needs history, read-only events or data events.

            Examples:
              detector rules list                    the rules that travel with the program
              detector rules list my-rules --output markdown

            Exit codes: 0 all listed, 3 some refused and the rest listed, 2 nothing loaded.
            """
        )
        {
            folders,
            output,
        };
        list.SetAction(parsed =>
            Startup.Tool(() => RulesListCommand.Run(new RulesListSettings(FoldersOf(parsed, folders), parsed.GetValue(output)!), terminal), terminal)
        );
        return list;
    }

    private static Command Explain(Terminal terminal)
    {
        var rule = new Argument<string>("RULE") { Description = "A rule's name, id or title, or its file." };
        var place = new Argument<string>("EVENT") { Description = "A file of events in any shape, FILE#INDEX for one of them, or - for standard input." };
        var rules = CommandLine.RulesThatAreThere();
        var with = new Option<string[]>("--with")
        {
            HelpName = "PATH",
            Description = "Files and folders that are judged first: what went before, or came to the same correlation.",
        };
        var output = Output();
        var explain = new Command(
            "explain",
            """
            Tells why a rule fires on an event or does not: in one sentence, then its condition as a tree with what was found at each leaf. Of a field that is
            derived, what it was worked out of; of one that asks for history, what was known and since when. All events of the file, and of --with, are judged, so
            history and correlations have them. Of a correlation the window is shown in which each group came nearest to the condition. Of several events the one is
            shown that comes nearest; FILE#INDEX asks for one, by its place from 0.

            Examples:
              detector rules explain root-usage event.json
              detector rules explain my-rules/odd-hours/rule.yml AWSLogs/trail.json.gz#17
              detector rules explain trail-tampering events.json --with AWSLogs --output json
              zcat trail.json.gz | detector rules explain denied-burst -

            Exit codes: 0 it fires, 1 it does not, 2 there is no such rule or event.
            """
        )
        {
            rule,
            place,
            rules,
            with,
            output,
        };
        explain.SetAction(parsed =>
            Startup.Tool(
                () =>
                    RulesExplainCommand.Run(
                        new RulesExplainSettings(
                            parsed.GetValue(rule)!,
                            parsed.GetValue(place)!,
                            RulesOptions.Of(parsed.GetValue(rules) ?? []),
                            parsed.GetValue(with) ?? [],
                            parsed.GetValue(output) == "json"
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return explain;
    }

    private static Argument<string[]> Folders()
    {
        var folders = new Argument<string[]>("DIR")
        {
            Description = "Folders or files of rules; +DIR means the rules that travel with the program and these. Only the former, if nothing is named.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        folders.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !Path.Exists(RulesOptions.WithoutPlus(token.Value))))
                result.AddError($"{OneLine.Of(token.Value)} is neither a folder nor a file.");
        });
        return folders;
    }

    private static Option<string> Output() => Output("text", "json");

    private static Option<string> Output(params string[] forms)
    {
        var output = new Option<string>("--output")
        {
            HelpName = string.Join('|', forms),
            Description =
                forms.Length == 2 ? "How to answer: lines for people, or one JSON object." : "How to answer: lines for people, one JSON object, or XML.",
            DefaultValueFactory = _ => "text",
        };
        return output.OneOf(forms);
    }

    private static string[] FoldersOf(ParseResult parsed, Argument<string[]> folders) => [.. RuleLoad.Folders(RulesOptions.Of(parsed.GetValue(folders) ?? []))];
}

using System.CommandLine;

namespace Detector.App.Commands;

/// <summary>The commands about rules, and their options.</summary>
internal static class RulesCommandLine
{
    public static Command Create(Terminal terminal) => new("rules", "Checks, tests and lists rules.") { Check(terminal), Test(terminal), List(terminal) };

    private static Command Check(Terminal terminal)
    {
        var folders = Folders();
        var output = new Option<string>("--output")
        {
            HelpName = "text|json|sarif",
            Description = "How to answer: lines for people, one JSON object per finding and line, or a SARIF 2.1.0 log.",
            DefaultValueFactory = _ => "text",
        }.AcceptOnlyFromAmong("text", "json", "sarif");
        var strict = new Option<bool>("--strict")
        {
            Description = "Takes one refused rule for wrong configuration (exit code 2), and notes what a rule does not say of itself.",
        };
        var failOn = new Option<string>("--fail-on")
        {
            HelpName = "error|warning",
            Description = "From which level on a finding fails the check.",
            DefaultValueFactory = _ => "error",
        }.AcceptOnlyFromAmong("error", "warning");
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

            Exit codes: 0 no errors, 1 a rule was refused or can never fire (with --fail-on warning, any warning), 2 nothing loaded, or with --strict some refused.
            """
        )
        {
            folders,
            output,
            strict,
            failOn,
        };
        check.SetAction(parsed =>
            Startup.Tool(
                () =>
                    RulesCheckCommand.Run(
                        new RulesCheckSettings(
                            FoldersOf(parsed, folders),
                            parsed.GetValue(output)!,
                            parsed.GetValue(strict),
                            parsed.GetValue(failOn) == "warning"
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
        var output = Output();
        var test = new Command(
            "test",
            """
            Runs the cases beside each rule: cases/fires_*.json must raise it, cases/quiet_*.json must not. Where the file holds a second rule, for attempts that
            were denied, named as the first and ending in -attempt, cases/attempt_*.json must raise that one and not the first, fires_ only the first, and quiet_
            neither. A case holds one event or several, in any shape that a trail has; several go through the whole engine, so they can raise a correlation. A
            failed case is explained, field by field.

            Examples:
              detector rules test                    the rules that travel with the program
              detector rules test my-rules           a folder, with all folders below it

            Exit codes: 0 all cases passed, 1 a case failed, 3 a rule was refused and the others passed, 2 nothing loaded.
            """
        )
        {
            folders,
            output,
        };
        test.SetAction(parsed =>
            Startup.Tool(() => RulesTestCommand.Run(new RulesTestSettings(FoldersOf(parsed, folders), parsed.GetValue(output) == "json"), terminal), terminal)
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
        }.AcceptOnlyFromAmong("table", "json", "markdown");
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

    private static Argument<string[]> Folders()
    {
        var folders = new Argument<string[]>("DIR")
        {
            Description = "Folders or files of rules; the rules that travel with the program, if there are none.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        folders.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !Path.Exists(token.Value)))
                result.AddError($"{OneLine.Of(token.Value)} is neither a folder nor a file.");
        });
        return folders;
    }

    private static Option<string> Output()
    {
        var output = new Option<string>("--output")
        {
            HelpName = "text|json",
            Description = "How to answer: lines for people, or one JSON object.",
            DefaultValueFactory = _ => "text",
        };
        return output.AcceptOnlyFromAmong("text", "json");
    }

    private static string[] FoldersOf(ParseResult parsed, Argument<string[]> folders) =>
        parsed.GetValue(folders) is { Length: > 0 } given ? given : [RuleLoad.Shipped];
}

using System.CommandLine;

namespace Detector.App.Commands;

/// <summary>The commands about rules, and their options.</summary>
internal static class RulesCommandLine
{
    public static Command Create(Terminal terminal) => new("rules", "Checks and tests rules.") { Check(terminal) };

    private static Command Check(Terminal terminal)
    {
        var folders = Folders();
        var output = Output();
        var strict = new Option<bool>("--strict") { Description = "Takes one refused rule for wrong configuration: exit code 2." };
        var check = new Command(
            "check",
            """
            Loads rules as a run would: tells every refused rule and every doubt with file, line, column, reason and what to do about it.

            Examples:
              detector rules check                   the rules that travel with the program
              detector rules check my-rules          a folder, with all folders below it
              detector rules check my-rules --strict --output json

            Exit codes: 0 all loaded, 3 some refused and the rest loaded, 2 nothing loaded, or with --strict some refused.
            """
        )
        {
            folders,
            output,
            strict,
        };
        check.SetAction(parsed =>
            Startup.Tool(
                () =>
                    RulesCheckCommand.Run(
                        new RulesCheckSettings(FoldersOf(parsed, folders), parsed.GetValue(output) == "json", parsed.GetValue(strict)),
                        terminal
                    ),
                terminal
            )
        );
        return check;
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

using System.CommandLine;
using System.CommandLine.Parsing;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>The command <c>rules backtest</c> and its options.</summary>
internal static class RulesBacktestCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var rules = new Argument<string>("RULES") { Description = "A folder or file of rules; +DIR means the rules that travel with the program and these." };
        rules.Validators.Add(result => Check(result, result.Tokens));
        var against = new Option<string?>("--against")
        {
            HelpName = "OTHER",
            Description = "The rules to compare with, such as those of the main branch: DIR or +DIR.",
        };
        against.Validators.Add(result => Check(result, result.Tokens));
        var output = new Option<string>("--output")
        {
            HelpName = "table|json|markdown",
            Description = "How to answer: tables for people, one JSON object, or Markdown for a pull request.",
            DefaultValueFactory = _ => "table",
        }.OneOf(["table", "json", "markdown"]);
        var trail = new TrailOptions(terminal, rules: rules);
        var backtest = new Command(
            "backtest",
            """
            Tells how many alerts rules would have raised over an archive, as replay finds them: by rule, by day (quiet days included) and by actor, and which rules
            never fired. With --against it tells what is different from other rules: rules that are new or gone or have another level, and every event that only one
            of the two tells of, by rule, actor and day. A rule is the same by its id, or else by its name; what is compared are the events that its alerts tell of,
            so a rule that tells the same in fewer alerts has lost nothing. The archive is read once.

            WHERE is a place that rules explain takes: FILE#INDEX.

            Examples:
              detector rules backtest my-rules AWSLogs --from 30d
              detector rules backtest +my-rules s3://my-trail --from 7d --cache trail-cache
              detector rules backtest rules AWSLogs --against main/rules --output markdown > comment.md
              zcat trail.json.gz | detector rules backtest my-rules -

            Exit codes: 0 done, 2 wrong usage or no rule loaded, 3 a rule was refused, part of the files could not be read (each loss is told), or it was stopped.
            """
        )
        {
            rules,
            against,
            output,
        };
        trail.AddTo(backtest);
        backtest.SetAction(parsed =>
            Startup.Tool(
                () =>
                    RulesBacktestCommand.Run(
                        new RulesBacktestSettings(
                            trail.Of(parsed),
                            parsed.GetValue(against) is { } others ? RulesOptions.Of([others]) : null,
                            parsed.GetValue(output)!
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return backtest;
    }

    private static void Check(SymbolResult result, IReadOnlyList<Token> tokens)
    {
        foreach (var token in tokens.Where(token => !Path.Exists(RulesOptions.WithoutPlus(token.Value))))
            result.AddError($"{OneLine.Of(token.Value)} is neither a folder nor a file.");
    }
}

using System.CommandLine;
using System.CommandLine.Invocation;
using Detector.App.Options;
using Detector.Core;

namespace Detector.App.Commands;

/// <summary>The commands and their options.</summary>
internal static class CommandLine
{
    // In the order in which they are told.
    private static readonly (string Name, Func<Terminal, Command> Create)[] Commands =
    [
        ("run", Run),
        ("replay", ReplayCommandLine.Create),
        ("validate", ValidateCommandLine.Create),
        ("reconcile", ReconcileCommandLine.Create),
        ("practices", PracticesCommandLine.Create),
        ("alerts", AlertsCommandLine.Create),
        ("rules", RulesCommandLine.Create),
        ("alert", AlertCommandLine.Create),
        ("infra", InfraCommandLine.Create),
        ("doctor", DoctorCommandLine.Create),
        ("health", HealthCommandLine.Create),
    ];

    /// <summary>Parses and does what the arguments say; returns the exit code.</summary>
    public static async Task<int> InvokeAsync(IReadOnlyList<string> args, Terminal terminal)
    {
        try
        {
            return await ParseAndDoAsync(args, terminal);
        }
        catch (OutputException e)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return ExitCode.Fault;
        }
    }

    private static async Task<int> ParseAndDoAsync(IReadOnlyList<string> args, Terminal terminal)
    {
        // An argument that begins with @ is an argument, not a file of more arguments.
        var parsed = Create(terminal, args is [var first, ..] ? first : null).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Whoever names no command asks which there are. To whoever mistyped something, the whole help would hide what.
        var isWrong = parsed.Action is ParseErrorAction;
        if (isWrong && (parsed.CommandResult.Command.Subcommands.Count == 0 || parsed.UnmatchedTokens.Count > 0))
        {
            TellWhatIsWrong(parsed, terminal.Error);
            return ExitCode.Usage;
        }
        var code = await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            }
        );
        return isWrong ? ExitCode.Usage : code;
    }

    private static void TellWhatIsWrong(ParseResult parsed, TextWriter error)
    {
        foreach (var problem in parsed.Errors)
            error.WriteLine(OneLine.Of(problem.Message));
        var at = parsed.CommandResult;
        var names = at.Command.Subcommands.Concat<Symbol>(at.Command.Options).Select(symbol => symbol.Name).ToArray();
        // Where a command takes paths, a mistyped option is taken for one.
        var strange = at.Tokens.Select(token => token.Value).Where(text => text.StartsWith("--", StringComparison.Ordinal)).Concat(parsed.UnmatchedTokens);
        foreach (var near in strange.Select(text => NearestName.Of(text, names)).OfType<string>().Distinct(StringComparer.Ordinal))
            error.WriteLine($"Did you mean {near}?");
        var path = at.Command.Parents.OfType<Command>().Append(at.Command).Where(one => one is not RootCommand);
        error.WriteLine($"{string.Join(' ', path.Select(one => one.Name).Prepend("detector"))} --help tells more.");
    }

    /// <summary>The command that is named first, or all of them: to make them with their options takes a while, and whoever has named one needs no other.</summary>
    public static RootCommand Create(Terminal terminal, string? named = null)
    {
        var root = new RootCommand(
            """
            Watches CloudTrail and tells people when an AWS account departs from good practice.

            Examples:
              detector run --sample                 an attack, told on the console; needs no AWS account
              detector run                          takes events by HTTP on 127.0.0.1 (intake.listen)
              detector run --config detector.yaml   the real thing: events from SQS, alerts to Slack and SNS
              detector replay AWSLogs               what the rules find in trail files
              detector validate s3://my-trail       whether trail files are what CloudTrail delivered
              detector reconcile s3://my-trail      which events never came to the live run
              detector practices AWSLogs            which practices trail files show to be kept, and how sure that is
              detector alerts list --from 24h       what was told, and what became of it
              detector rules check my-rules         what is wrong or doubtful about rules
              detector rules test my-rules          runs the cases beside each rule
              detector alert preview root-usage     the exact message that Slack would get
              detector rules backtest DIR AWSLogs   how many alerts rules would have raised
              detector doctor                       what is wrong with a deployment, and how to mend it
              detector health                       whether the one that runs here is well
              detector infra pattern                the EventBridge patterns that lose no event of a rule

            Results go to standard output, the log and what is wrong to standard error.
            Exit codes: 0 done, 1 tests failed (or alerts, with --fail-on-alert), 2 wrong usage or configuration, 3 part of the input could not be used.
            """
        );
        var wanted = Array.FindAll(Commands, command => command.Name == named);
        foreach (var (_, create) in wanted.Length > 0 ? wanted : Commands)
            root.Add(create(terminal));
        return root;
    }

    /// <summary>The option that says which rules; each command has its own copy.</summary>
    public static Option<string[]> Rules() =>
        new("--rules")
        {
            HelpName = "DIR",
            Description = "Rules in place of those that travel with the program; +DIR adds to them. May be repeated.",
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => [],
        };

    /// <summary>The same, where it is wrong usage to name what is not there.</summary>
    public static Option<string[]> RulesThatAreThere()
    {
        var rules = Rules();
        rules.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !Path.Exists(RulesOptions.WithoutPlus(token.Value))))
                result.AddError($"--rules: {OneLine.Of(token.Value)} is neither a folder nor a file.");
        });
        return rules;
    }

    private static Command Run(Terminal terminal)
    {
        var config = new Option<string?>("--config")
        {
            HelpName = "FILE",
            Description =
                "The configuration; otherwise detector.yaml, if it is there. The environment (DETECTOR_SLACK__WEBHOOK for slack.webhook) overrides it.",
        };
        var rules = Rules();
        var sample = new Option<bool>("--sample") { Description = "Feeds in a bundled attack story, its times moved to now." };
        var exitAfterSample = new Option<bool>("--exit-after-sample") { Description = "Ends when the alerts of the story are out. Goes with --sample." };

        var run = new Command(
            "run",
            "Takes events as they come and tells what they show, until it is stopped (Ctrl-C, SIGTERM). Changed rules are taken up while it runs (SIGHUP: at once)."
        )
        {
            config,
            rules,
            sample,
            exitAfterSample,
        };
        run.Validators.Add(result =>
        {
            if (result.ValueIfAny(exitAfterSample) && !result.ValueIfAny(sample))
                result.AddError("--exit-after-sample goes with --sample.");
        });
        run.SetAction(
            (parsed, _) =>
                Startup.RunAsync(
                    parsed.GetValue(config),
                    parsed.GetValue(rules) ?? [],
                    options => new RunSettings(options, parsed.GetValue(sample), parsed.GetValue(exitAfterSample)),
                    terminal
                )
        );
        return run;
    }
}

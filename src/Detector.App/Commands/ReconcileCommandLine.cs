using System.CommandLine;

namespace Detector.App.Commands;

/// <summary>The command <c>reconcile</c> and its options.</summary>
internal static class ReconcileCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var trail = new TrailOptions(terminal);
        var config = new Option<string?>("--config")
        {
            HelpName = "FILE",
            Description = "The configuration of the live run: its ledger, rules and sinks; otherwise detector.yaml.",
        };
        var deliver = new Option<bool>("--deliver")
        {
            Description =
                "Sends the alerts of what never came to the configured sinks, marked late, through the live run's ledger, so that nobody is told twice. If the ledger is a file, stop the live run meanwhile: its events wait.",
        };
        var validate = new Option<bool>("--validate") { Description = "Checks too whether the files are what CloudTrail delivered: see detector validate." };
        var keys = ValidateCommandLine.KeysOption();
        var output = new Option<string>("--output")
        {
            HelpName = "table|json",
            Description = "How to answer: a table for people, or one JSON object.",
            DefaultValueFactory = _ => "table",
        };
        output.OneOf(["table", "json"]);
        var reconcile = new Command(
            "reconcile",
            """
            Tells which events of an archive never came to the live run, by what its ledger remembers (ledger.seen), and which alerts they would have raised. What
            EventBridge does not deliver by its nature (events that only read, if the rule's state leaves them out; data events; Insights; events of more than 256
            KB) is told apart from what should have come. Only looks, and may look while the live run goes on; --deliver sends what was missed.

            Examples:
              detector reconcile s3://my-trail --config detector.yaml --from 2d
              detector reconcile AWSLogs --from 2026-11-20 --to 2026-11-23 --account 111122223333 --output json
              detector reconcile s3://my-trail --from 2d --validate
              detector reconcile s3://my-trail --from 2d --deliver

            Exit codes: 0 all that should have come came, 1 something did not, 2 wrong usage or configuration, or the ledger cannot know, 3 part of the archive
            could not be read, or is not what CloudTrail delivered.
            """
        )
        {
            config,
            deliver,
            validate,
            keys,
            output,
        };
        trail.AddTo(reconcile);
        reconcile.Validators.Add(result =>
        {
            if (result.ValueIfAny(keys) is not null && !result.ValueIfAny(validate))
                result.AddError("--public-keys goes with --validate.");
        });
        reconcile.SetAction(parsed =>
            Startup.Tool(
                () =>
                {
                    var options = ReplayCommandLine.Configured(parsed.GetValue(config), terminal);
                    var settings = trail.Of(parsed);
                    return ReconcileCommand.Run(
                        new ReconcileSettings(
                            trail.HasRules(parsed) ? settings : settings with { Rules = options.Rules },
                            options,
                            parsed.GetValue(deliver),
                            parsed.GetValue(validate),
                            parsed.GetValue(keys),
                            parsed.GetValue(output) is "json"
                        ),
                        terminal
                    );
                },
                terminal
            )
        );
        return reconcile;
    }
}

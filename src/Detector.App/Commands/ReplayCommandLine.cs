using System.CommandLine;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>The command <c>replay</c> and its options.</summary>
internal static class ReplayCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var trail = new TrailOptions(terminal, mayEnqueue: true);
        var output = new Option<string>("--output")
        {
            HelpName = "table|jsonl|csv",
            Description = "How to answer: a table for people, each alert as a line of JSON, or CSV that is safe to open in a spreadsheet.",
            DefaultValueFactory = _ => "table",
        };
        output.OneOf(["table", "jsonl", "csv"]);
        var report = new Option<string?>("--report")
        {
            HelpName = "FILE.html",
            Description =
                "Writes the investigation as one HTML page too: alerts with their records, who did what, sessions with who stands behind them, and what is missing.",
        };
        var stats = new Option<bool>("--stats") { Description = "Writes one JSON object to standard error: files, records, bytes, seconds, alerts." };
        var failOnAlert = new Option<bool>("--fail-on-alert") { Description = "Exit code 1 if there is an alert." };
        var deliver = new Option<bool>("--deliver")
        {
            Description =
                "Sends the alerts to the configured sinks too, through the live path's ledger, so that nobody is told twice. The live path must not hold it meanwhile.",
        };
        var config = new Option<string?>("--config")
        {
            HelpName = "FILE",
            Description = "The configuration of the sinks and the ledger, for --deliver; otherwise detector.yaml.",
        };
        var validate = new Option<bool>("--validate")
        {
            Description = "Checks too whether the files are what CloudTrail delivered, by its digest files: see detector validate. Exit code 3 if not.",
        };
        var keys = ValidateCommandLine.KeysOption();
        var replay = new Command(
            "replay",
            """
            Tells what the rules find in trail files: the alerts, with the same ids, that the live path would have sent. Files may have any name and shape that
            CloudTrail's records come in, plain or gzip; of folders, every file is read. Files may be of any size and number: memory stays the same, and hits that
            do not fit go to the system's temporary folder. The first Ctrl-C ends the reading, and what was found by then is told; a second ends the program.

            In CloudTrail's layout, local or in S3, only the accounts, regions and days that are wanted are read. s3://bucket/prefix means every key that begins so.
            Credentials and region come from where every AWS program takes them.

            Examples:
              detector replay trail.json.gz
              detector replay AWSLogs --from 90d --output jsonl
              detector replay AWSLogs --rules my-rules --fail-on-alert
              detector replay AWSLogs --rules +my-rules --from 2026-11-01 --to 2026-11-07 --stats
              detector replay s3://my-trail --from 7d --account 111122223333 --region eu-west-1 --region us-east-1
              detector replay s3://my-trail/AWSLogs/ --from 90d --cache trail-cache
              detector replay --lookup-events --region us-east-1 --from 30d
              zcat trail.json.gz | detector replay -
              detector replay AWSLogs --output csv > alerts.csv
              detector replay AWSLogs --from 30d --report report.html
              detector replay s3://my-trail --from 30d --validate
              detector replay AWSLogs --from 2d --deliver --config detector.yaml
              detector replay --enqueue https://sqs.eu-west-1.amazonaws.com/111122223333/detector-events s3://my-trail --from 90d

            Exit codes: 0 done, 1 alerts and --fail-on-alert, 2 wrong usage or no rule loaded, 3 part of the files could not be read (each loss is told),
            or it was stopped.
            """
        )
        {
            output,
            report,
            stats,
            failOnAlert,
            deliver,
            config,
            validate,
            keys,
        };
        trail.AddTo(replay);
        replay.Validators.Add(result =>
        {
            if (result.ValueIfAny(config) is not null && !result.ValueIfAny(deliver))
                result.AddError("--config goes with --deliver.");
            if (result.ValueIfAny(keys) is not null && !result.ValueIfAny(validate))
                result.AddError("--public-keys goes with --validate.");
        });
        replay.SetAction(parsed =>
            Startup.Tool(
                () =>
                    ReplayCommand.Run(
                        new ReplaySettings(
                            trail.Of(parsed),
                            Enum.Parse<OutputForm>(parsed.GetValue(output)!, ignoreCase: true),
                            parsed.GetValue(report),
                            parsed.GetValue(stats),
                            parsed.GetValue(failOnAlert),
                            parsed.GetValue(deliver) ? Configured(parsed.GetValue(config), terminal) : null,
                            parsed.GetValue(validate),
                            parsed.GetValue(keys)
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return replay;
    }

    /// <summary>Reads the configuration of the live path.</summary>
    /// <exception cref="StartException">It is wrong; every fault is told.</exception>
    public static DetectorOptions Configured(string? config, Terminal terminal)
    {
        var configuration = Configuration.Load(config, terminal.Environment, []);
        return configuration.Options ?? throw new StartException([.. configuration.Errors.Select(error => $"configuration: {error}")]);
    }
}

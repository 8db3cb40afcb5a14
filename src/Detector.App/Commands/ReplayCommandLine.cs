using System.CommandLine;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.Core.Events;

namespace Detector.App.Commands;

/// <summary>The command <c>replay</c> and its options.</summary>
internal static class ReplayCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var paths = Paths();
        var rules = CommandLine.Rules();
        rules.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !Path.Exists(RulesOptions.WithoutPlus(token.Value))))
                result.AddError($"--rules: {OneLine.Of(token.Value)} is neither a folder nor a file.");
        });
        var from = Bound("--from", "Judges no record from before: a date, a time (2026-11-23T09:00:00Z), or a duration before now (90d).", terminal);
        var to = Bound("--to", "Judges no record from after; a date stands for its whole day.", terminal);
        var output = new Option<string>("--output")
        {
            HelpName = "table|jsonl",
            Description = "How to answer: a table for people, or each alert as a line of JSON.",
            DefaultValueFactory = _ => "table",
        };
        output.AcceptOnlyFromAmong("table", "jsonl");
        var stats = new Option<bool>("--stats") { Description = "Writes one JSON object to standard error: files, records, bytes, seconds, alerts." };
        var failOnAlert = new Option<bool>("--fail-on-alert") { Description = "Exit code 1 if there is an alert." };
        var places = new PlaceOptions();
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
              detector replay --enqueue https://sqs.eu-west-1.amazonaws.com/111122223333/detector-events s3://my-trail --from 90d

            Exit codes: 0 done, 1 alerts and --fail-on-alert, 2 wrong usage or no rule loaded, 3 part of the files could not be read (each loss is told),
            or it was stopped.
            """
        )
        {
            paths,
            rules,
            from,
            to,
            output,
            stats,
            failOnAlert,
        };
        places.AddTo(replay, paths);
        replay.SetAction(parsed =>
            Startup.Tool(
                () =>
                    ReplayCommand.Run(
                        new ReplaySettings(
                            RulesOptions.Of(parsed.GetValue(rules) ?? []),
                            new TimeRange(At(parsed.GetValue(from), endOfDay: false, terminal), At(parsed.GetValue(to), endOfDay: true, terminal)),
                            parsed.GetValue(output) == "jsonl",
                            parsed.GetValue(stats),
                            parsed.GetValue(failOnAlert),
                            places.Of(parsed, paths)
                        ),
                        terminal
                    ),
                terminal
            )
        );
        return replay;
    }

    private static Argument<string[]> Paths()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files, folders, s3://bucket/prefix, and - for standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        paths.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (PlaceOptions.WhatIsWrongWith(token.Value) is { } wrong)
                    result.AddError($"{OneLine.Of(token.Value)} {wrong}.");
            }
        });
        return paths;
    }

    private static Option<string?> Bound(string name, string description, Terminal terminal)
    {
        var bound = new Option<string?>(name) { HelpName = "TIME", Description = description };
        bound.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TimeBound.TryParse(token.Value, endOfDay: false, terminal.Time.GetUtcNow(), out _))
                result.AddError($"{name}: {OneLine.Of(token.Value)} is no date (2026-11-23), time (2026-11-23T09:00:00Z) or duration (90d, 12h).");
        });
        return bound;
    }

    private static DateTimeOffset? At(string? text, bool endOfDay, Terminal terminal) =>
        text is not null && TimeBound.TryParse(text, endOfDay, terminal.Time.GetUtcNow(), out var bound) ? bound : null;
}

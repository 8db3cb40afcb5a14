using System.CommandLine;

namespace Detector.App.Commands;

/// <summary>The command <c>validate</c> and its options.</summary>
internal static class ValidateCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var trail = new TrailOptions(terminal, judges: false);
        var keys = KeysOption();
        var output = new Option<string>("--output")
        {
            HelpName = "table|json",
            Description = "How to answer: lines for people, or one JSON object.",
            DefaultValueFactory = _ => "table",
        };
        output.OneOf(["table", "json"]);
        var validate = new Command(
            "validate",
            """
            Tells whether trail files are what CloudTrail delivered: checks the signature and the chain of its digest files, and the hash of every log file, as
            aws cloudtrail validate-logs does, for all trails, accounts and regions of an archive at once, in S3 or on a disk. Names what is missing, altered or
            added, and what no digest covers.

            S3 keeps a digest's signature beside the object, so a copy on a disk has lost it. Each digest repeats the signature of the one before it, which
            proves all but the newest; FILE.head.json, the answer of aws s3api head-object, proves that one too. The public keys are asked of CloudTrail
            (cloudtrail:ListPublicKeys) for archives in S3, and otherwise come from a file.

            Examples:
              detector validate s3://my-trail --from 30d
              detector validate s3://my-trail/AWSLogs/ --account 111122223333 --region eu-west-1 --output json
              aws cloudtrail list-public-keys --start-time 2026-01-01 > keys.json
              detector validate AWSLogs --public-keys keys.json
              detector replay AWSLogs --validate --public-keys keys.json

            Exit codes: 0 nothing speaks against it, 2 wrong usage, 3 something is missing, altered or added, nothing could be proven, or part could not be read.
            """
        )
        {
            keys,
            output,
        };
        trail.AddTo(validate);
        validate.SetAction(parsed =>
            Startup.Tool(() => ValidateCommand.Run(trail.Of(parsed), parsed.GetValue(keys), parsed.GetValue(output) is "json", terminal), terminal)
        );
        return validate;
    }

    /// <summary>The option that says where the public keys come from; each command has its own copy.</summary>
    public static Option<string?> KeysOption()
    {
        var keys = new Option<string?>("--public-keys")
        {
            HelpName = "FILE|aws",
            Description = "What aws cloudtrail list-public-keys answered; or aws: CloudTrail is asked, as it is by itself for archives in S3.",
        };
        keys.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not "aws" && !File.Exists(token.Value))
                result.AddError($"--public-keys: {OneLine.Of(token.Value)} is no file.");
        });
        return keys;
    }
}

using System.CommandLine;

namespace Detector.App.Commands;

/// <summary>The command <c>practices</c> and its options.</summary>
internal static class PracticesCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var trail = new TrailOptions(terminal);
        var output = new Option<string>("--output")
        {
            HelpName = "table|json|html",
            Description = "How to answer: for a terminal, as one JSON object, or as one HTML page that needs nothing else.",
            DefaultValueFactory = _ => "table",
        };
        output.OneOf(["table", "json", "html"]);
        var practices = new Command(
            "practices",
            """
            Tells of each practice for IAM and EC2 key pairs whether trail files show that it is kept: what was seen, the evidence, how sure that is, and what it
            would take to see more. Silence is weighed by what the files hold: how long they reach back, which services, accounts and events are in them. What
            CloudTrail cannot show is said to be so, with what comes nearest and what would show it. It reads what detector replay reads, by the same rules.

            Examples:
              detector practices AWSLogs
              detector practices AWSLogs --from 90d --credential-report report.csv
              detector practices s3://my-trail --from 90d --account 111122223333 --output html > scorecard.html
              detector practices --lookup-events --region us-east-1
              detector practices AWSLogs --output json | jq '.practices[] | select(.verdict == "violated")'
              aws ec2 describe-key-pairs > pairs.json && detector practices AWSLogs --key-pairs 111122223333/eu-west-1=pairs.json

            Exit codes: 0 done, whatever the verdicts, 2 wrong usage or no rule loaded, 3 part of the files could not be read (each loss is told), or it was
            stopped.
            """
        )
        {
            output,
        };
        trail.AddTo(practices);
        practices.SetAction(parsed =>
            Startup.Tool(
                () =>
                    PracticesCommand.Run(
                        new PracticesSettings(trail.Of(parsed), Enum.Parse<ScorecardForm>(parsed.GetValue(output)!, ignoreCase: true)),
                        terminal
                    ),
                terminal
            )
        );
        return practices;
    }
}

using System.CommandLine;
using Detector.Adapters;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>The command about single alerts.</summary>
internal static class AlertCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var subject = new Argument<string>("RULE|FILE")
        {
            Description = "A rule's name, id or title: its first case that fires is taken. Or a file of an alert's JSON, or of events in any shape.",
        };
        var sink = new Option<string>("--sink")
        {
            HelpName = "slack|sns|jsonl|text",
            Description = "How it is told.",
            DefaultValueFactory = _ => "slack",
        }.OneOf(["slack", "sns", "jsonl", "text"]);
        var bot = new Option<bool>("--bot") { Description = "For Slack: every call that a bot makes, one a line, thread and running count included." };
        var rules = CommandLine.RulesThatAreThere();
        var preview = new Command(
            "preview",
            """
            Shows an alert as it would be sent, byte for byte, and sends nothing. Needs no configuration. Slack's Block Kit Builder draws the JSON.

            Examples:
              detector alert preview root-usage
              detector alert preview root-usage --bot
              detector alert preview trail.json --sink sns
              detector alert preview my-rule --rules +my-rules

            Exit codes: 0 shown, 1 no rule fires, 2 there is no such rule or file.
            """
        )
        {
            subject,
            sink,
            bot,
            rules,
        };
        preview.Validators.Add(result =>
        {
            if (result.ValueIfAny(bot) && result.ValueIfAny(sink) is not ("slack" or null))
                result.AddError("--bot goes with --sink slack.");
        });
        preview.SetAction(parsed =>
            Startup.Tool(
                () =>
                    AlertPreviewCommand
                        .RunAsync(
                            new AlertPreviewSettings(
                                parsed.GetValue(subject)!,
                                parsed.GetValue(bot) ? PreviewForm.SlackBot : Enum.Parse<PreviewForm>(parsed.GetValue(sink)!, ignoreCase: true),
                                RulesOptions.Of(parsed.GetValue(rules) ?? [])
                            ),
                            terminal
                        )
                        .GetAwaiter()
                        .GetResult(),
                terminal
            )
        );
        return new Command("alert", "Looks at single alerts.") { preview };
    }
}

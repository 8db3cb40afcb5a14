using System.CommandLine;

namespace Detector.App.Commands;

/// <summary>The command <c>doctor</c> and its options.</summary>
internal static class DoctorCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var config = new Option<string?>("--config")
        {
            HelpName = "FILE",
            Description = "The configuration that run takes; otherwise detector.yaml, if it is there. The environment overrides it.",
        };
        var serviceUrl = new Option<string?>("--service-url")
        {
            HelpName = "URL",
            Description = "Another endpoint than AWS's, such as an emulator's, for services that the configuration names none for.",
        };
        serviceUrl.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Options.ValueForms.Url.Read(token.Value).Problem is { } problem)
                result.AddError($"--service-url: {OneLine.Of(token.Value)} {problem}.");
        });
        var output = new Option<string>("--output")
        {
            HelpName = "table|json",
            Description = "How to answer: for people, or one JSON object per finding and line.",
            DefaultValueFactory = _ => "table",
        }.OneOf(["table", "json"]);
        var doctor = new Command(
            "doctor",
            """
            Looks at every part of a deployment and says how to mend what is wrong: the program and its rules, the ledger, credentials, the clock, the trail, the queue with
            its policy and dead letters, EventBridge's rules with their state and whether their patterns let pass what the loaded rules need, the topic and its
            subscriptions, and Slack. It changes nothing and posts nothing. What it may not look at it names, with the permission that is wanting, and goes on.

            Examples:
              detector doctor --config detector.yaml
              detector doctor --output json | jq 'select(.state != "ok")'

            Exit codes: 0 no problem was found (warnings and what could not be looked at are told), 1 events or alerts are lost or will be, 2 wrong usage or configuration.
            """
        )
        {
            config,
            serviceUrl,
            output,
        };
        doctor.SetAction(
            (parsed, _) =>
                Startup.ToolAsync(
                    () =>
                        DoctorCommand.RunAsync(
                            new DoctorSettings(parsed.GetValue(config), parsed.GetValue(serviceUrl), parsed.GetValue(output) == "json"),
                            terminal
                        ),
                    terminal
                )
        );
        return doctor;
    }
}

using System.CommandLine;

namespace Detector.App.Commands;

/// <summary>The command <c>health</c> and its options.</summary>
internal static class HealthCommandLine
{
    public static Command Create(Terminal terminal)
    {
        var config = new Option<string?>("--config")
        {
            HelpName = "FILE",
            Description = "The configuration that run was given; otherwise detector.yaml, if it is there. The environment overrides it.",
        };
        var ready = new Option<bool>("--ready") { Description = "Also asks whether the source and the ledger answer, and tells why not." };
        var health = new Command(
            "health",
            """
            Asks the detector that runs on this machine, where its page is (status.listen), whether it is alive: for the health check of a container, which has no other
            program to ask.

            Examples:
              detector health
              detector health --ready --config detector.yaml

            Exit codes: 0 it is well, 1 it is not or does not answer, 2 wrong usage or configuration, or a configuration without a page.
            """
        )
        {
            config,
            ready,
        };
        health.SetAction((parsed, _) => Startup.ToolAsync(() => HealthCommand.RunAsync(parsed.GetValue(config), parsed.GetValue(ready), terminal), terminal));
        return health;
    }
}

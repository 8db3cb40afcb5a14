using Detector.Adapters.Aws;
using Detector.App.Doctor;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>What <c>detector doctor</c> was asked to do.</summary>
/// <param name="Config">The configuration; null for detector.yaml.</param>
/// <param name="ServiceUrl">An endpoint in place of AWS's, for services that the configuration names none for.</param>
/// <param name="Json">Whether a program reads the answer.</param>
internal sealed record DoctorSettings(string? Config, string? ServiceUrl, bool Json);

/// <summary>Looks at every part of a deployment, and changes none.</summary>
internal static class DoctorCommand
{
    /// <summary>Without a queue and a topic nothing is asked of AWS, but its clients cannot be made without a region.</summary>
    private const string Anywhere = "us-east-1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Returns the exit code.</summary>
    public static async Task<int> RunAsync(DoctorSettings settings, Terminal terminal)
    {
        var configuration = Configuration.Load(settings.Config, terminal.Environment, []);
        if (configuration.Options is not { } options)
        {
            foreach (var error in configuration.Errors)
                await terminal.Error.WriteLineAsync($"configuration: {error}");
            return ExitCode.Usage;
        }
        using var web = new HttpClient { Timeout = Patience };
        using var aws = AwsClients.Account(
            new AwsPlace(options.Queue?.Region ?? options.Sns?.Region ?? Anywhere, settings.ServiceUrl),
            options.Queue?.ServiceUrl?.OriginalString,
            options.Sns?.ServiceUrl?.OriginalString
        );
        using var topics = AwsClients.Account(
            new AwsPlace(options.Sns?.Region ?? options.Queue?.Region ?? Anywhere, settings.ServiceUrl),
            options.Queue?.ServiceUrl?.OriginalString,
            options.Sns?.ServiceUrl?.OriginalString
        );
        var rules = RuleLoad.From(RuleLoad.Folders(options.Rules), options);
        var findings = await new Examination(options, aws, topics, web, rules, terminal.Time).RunAsync(terminal.Stopping);
        if (settings.Json)
            DoctorOutput.Json(terminal.Out, findings);
        else
            DoctorOutput.Table(terminal.Out, findings);
        return findings.Any(finding => finding.State == FindingState.Problem) ? ExitCode.Failed : ExitCode.Done;
    }
}

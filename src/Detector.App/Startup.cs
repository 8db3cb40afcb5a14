using Detector.App.Commands;
using Detector.App.Options;
using Detector.Core;

namespace Detector.App;

/// <summary>What comes before a command's own work: the configuration is read and checked as a whole, and the log is opened.</summary>
internal static class Startup
{
    public static async Task<int> RunAsync(string? config, IReadOnlyList<string> rules, Func<DetectorOptions, RunSettings> settings, Terminal terminal)
    {
        var configuration = Configuration.Load(config, terminal.Environment, rules);
        if (configuration.Options is not { } options)
        {
            foreach (var error in configuration.Errors)
                await terminal.Error.WriteLineAsync($"configuration: {error}");
            return ExitCode.Usage;
        }

        var log = new NoticeLog(terminal.Error, terminal.Time, options.Log, options.Secrets);
        log.Report(new Notice(NoticeSeverity.Information, "configuration", string.Join(", ", configuration.Effective)));
        try
        {
            return await RunCommand.RunAsync(settings(options), log, terminal.Time, terminal.Stopping);
        }
        catch (Exception e)
        {
            log.Report(new Notice(NoticeSeverity.Error, "detector", "ends: this should not happen", e));
            return ExitCode.Fault;
        }
    }
}

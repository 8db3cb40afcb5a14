using Detector.Adapters.Sqlite;
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
            return await RefuseAsync(configuration.Errors.Select(error => $"configuration: {error}"), terminal);
        var run = settings(options);
        if (run.Fault is { } fault)
            return await RefuseAsync([fault], terminal);

        var log = new NoticeLog(terminal.Error, terminal.Time, options.Log, options.Secrets);
        var given = configuration.Given.Count == 0 ? "all settings at their defaults" : string.Join(", ", configuration.Given);
        log.Report(new Notice(NoticeSeverity.Information, "configuration", given));
        try
        {
            return await RunCommand.RunAsync(run, log, terminal);
        }
        catch (StartException e)
        {
            log.Report(new Notice(NoticeSeverity.Error, "detector", e.Message));
            return ExitCode.Usage;
        }
        catch (Exception e)
        {
            log.Report(new Notice(NoticeSeverity.Error, "detector", "ends: this should not happen", e));
            return ExitCode.Fault;
        }
    }

    /// <summary>Runs a command that needs no configuration.</summary>
    public static int Tool(Func<int> command, Terminal terminal) => ToolAsync(() => Task.FromResult(command()), terminal).GetAwaiter().GetResult();

    /// <summary>The same of one that waits.</summary>
    public static async Task<int> ToolAsync(Func<Task<int>> command, Terminal terminal)
    {
        try
        {
            return await command();
        }
        catch (StartException e)
        {
            foreach (var fault in e.Faults)
                await terminal.Error.WriteLineAsync(OneLine.Of(fault));
            return ExitCode.Usage;
        }
        catch (StorageException e)
        {
            await terminal.Error.WriteLineAsync(OneLine.Of(e.Message));
            return ExitCode.Fault;
        }
        catch (OperationCanceledException) when (terminal.Stopping.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync("stopped before it was done");
            return ExitCode.Partly;
        }
        catch (Exception e) when (e is not OutputException)
        {
            await terminal.Error.WriteLineAsync($"detector ends: this should not happen ({e.GetType().Name}: {OneLine.Of(e.Message)})");
            return ExitCode.Fault;
        }
    }

    private static async Task<int> RefuseAsync(IEnumerable<string> faults, Terminal terminal)
    {
        foreach (var fault in faults)
            await terminal.Error.WriteLineAsync(fault);
        return ExitCode.Usage;
    }
}

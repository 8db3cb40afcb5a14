using Detector.Adapters.Sqlite;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.Core.Events;

namespace Detector.App.Commands;

/// <summary>What <c>detector replay</c> was asked to do.</summary>
/// <param name="Rules">Which rules.</param>
/// <param name="Within">Records from outside are not judged.</param>
/// <param name="Json">Whether to write one JSON object a line in place of a table.</param>
/// <param name="Stats">Whether to tell what it went through.</param>
/// <param name="FailOnAlert">Whether an alert makes the exit code 1.</param>
/// <param name="Places">What is read.</param>
internal sealed record ReplaySettings(RulesOptions Rules, TimeRange Within, bool Json, bool Stats, bool FailOnAlert, TrailPlaces Places);

/// <summary>Tells what the rules find in files: the alerts that the live path would have sent.</summary>
internal static class ReplayCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(ReplaySettings settings, Terminal terminal)
    {
        using var archives = TrailArchives.Open(settings.Places, settings.Within, terminal);
        foreach (var note in archives.Notes)
            terminal.Error.WriteLine(OneLine.Of(note));
        if (settings.Places.Enqueue is { } queue)
            return archives.Enqueue(queue, terminal);

        var load = RuleLoad.From(RuleLoad.Folders(settings.Rules));
        foreach (var error in load.Refused)
            terminal.Error.WriteLine(OneLine.Of($"rules: refused: {error}"));
        if (load.IsEmpty)
        {
            terminal.Error.WriteLine("rules: not one rule could be loaded, so nothing would ever be detected");
            return ExitCode.Usage;
        }

        var options = new ReplayOptions(Path.GetTempPath(), terminal.Time) { Progress = terminal.ErrorIsTerminal ? terminal.Error : null };
        try
        {
            using var outcome = ReplayRun.Run(archives.Archive, load.Rules, settings.Within, options, terminal.Stopping);
            return Tell(outcome, settings, terminal);
        }
        catch (StorageException e)
        {
            terminal.Error.WriteLine(OneLine.Of(e.Message));
            return ExitCode.Fault;
        }
    }

    private static int Tell(ReplayOutcome outcome, ReplaySettings settings, Terminal terminal)
    {
        foreach (var loss in outcome.Losses)
            terminal.Error.WriteLine(OneLine.Of(loss.ToString()));
        if (settings.Json)
        {
            AlertLines.WriteJson(terminal.Out, outcome.Alerts);
        }
        else
        {
            AlertLines.WriteTable(terminal.Out, outcome.Alerts);
            terminal.Out.WriteLine($"{outcome.Stats.Alerts} alerts in {outcome.Stats.Records} records of {outcome.Stats.Files} files");
        }
        if (outcome.Stopped is { } stopped)
            terminal.Error.WriteLine($"stopped before it was done: {stopped}, and the alerts are those of these");
        if (settings.Stats)
            JsonOut.Write(terminal.Error, outcome.Stats.Write);
        return settings.FailOnAlert && outcome.Stats.Alerts > 0 ? ExitCode.Failed
            : outcome.Losses.Count > 0 || outcome.Stopped is not null ? ExitCode.Partly
            : ExitCode.Done;
    }
}

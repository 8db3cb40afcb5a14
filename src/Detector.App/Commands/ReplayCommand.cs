using Detector.Adapters.Sqlite;
using Detector.App.Options;
using Detector.App.Replays;

namespace Detector.App.Commands;

/// <summary>What <c>detector replay</c> was asked to do.</summary>
/// <param name="Rules">Which rules.</param>
/// <param name="Archive">What is read.</param>
/// <param name="Output">How alerts are written.</param>
/// <param name="Stats">Whether to tell what it went through.</param>
/// <param name="FailOnAlert">Whether an alert makes the exit code 1.</param>
internal sealed record ReplaySettings(RulesOptions Rules, ArchiveSettings Archive, OutputForm Output, bool Stats, bool FailOnAlert)
{
    /// <summary>Where the alerts are sent; nowhere if null.</summary>
    public DetectorOptions? Deliver { get; init; }
}

/// <summary>How a replay writes its alerts.</summary>
internal enum OutputForm
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON object a line.</summary>
    Jsonl,

    /// <summary>For spreadsheets.</summary>
    Csv,
}

/// <summary>Tells what the rules find in files: the alerts that the live path would have sent.</summary>
internal static class ReplayCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(ReplaySettings settings, Terminal terminal)
    {
        if (settings.Deliver is { } sinks)
            Redelivery.Check(sinks);
        using var archives = TrailArchives.Open(settings.Archive.Places, settings.Archive.Within, terminal);
        foreach (var note in archives.Notes)
            terminal.Error.WriteLine(OneLine.Of(note));
        if (settings.Archive.Places.Enqueue is { } queue)
            return archives.Enqueue(queue, terminal);

        var load = RuleLoad.From(RuleLoad.Folders(settings.Rules));
        foreach (var error in load.Refused)
            terminal.Error.WriteLine(OneLine.Of($"rules: refused: {error}"));
        if (load.IsEmpty)
        {
            terminal.Error.WriteLine("rules: not one rule could be loaded, so nothing would ever be detected");
            return ExitCode.Usage;
        }

        try
        {
            using var outcome = ReplayRun.Run(archives.Archive, load.Rules, settings.Archive.Within, settings.Archive.Replay(terminal), terminal.Stopping);
            return Tell(outcome, settings, terminal);
        }
        catch (StorageException e)
        {
            terminal.Error.WriteLine(OneLine.Of(e.Message));
            return ExitCode.Fault;
        }
    }

    private static void Write(ReplayOutcome outcome, OutputForm form, Terminal terminal)
    {
        switch (form)
        {
            case OutputForm.Jsonl:
                AlertLines.WriteJson(terminal.Out, outcome.Alerts);
                break;
            case OutputForm.Csv:
                AlertCsv.Write(terminal.Out, outcome.Alerts);
                break;
            default:
                AlertLines.WriteTable(terminal.Out, outcome.Alerts, terminal.Width);
                terminal.Out.WriteLine($"{outcome.Stats.Alerts} alerts in {outcome.Stats.Records} records of {outcome.Stats.Files} files");
                break;
        }
    }

    private static int Tell(ReplayOutcome outcome, ReplaySettings settings, Terminal terminal)
    {
        foreach (var loss in outcome.Losses)
            terminal.Error.WriteLine(OneLine.Of(loss.ToString()));
        Write(outcome, settings.Output, terminal);
        if (settings.Deliver is { } options)
        {
            var pending = Redelivery.SendAsync(outcome.Alerts, options, terminal).GetAwaiter().GetResult();
            terminal.Error.WriteLine($"{pending} of {outcome.Stats.Alerts} alerts had not been told yet");
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

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
    /// <summary>Losses that are told of one file; a file that is no trail at all may have one in every line.</summary>
    private const int LossesTold = 100;

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

        var outcome = ReplayRun.Run(archives.Archive, load.Rules, settings.Within, terminal.Stopping);
        Tell(outcome.Losses, terminal.Error);
        if (settings.Json)
        {
            foreach (var alert in outcome.Alerts)
                AlertLines.WriteJson(terminal.Out, alert);
        }
        else
        {
            AlertLines.WriteTable(terminal.Out, outcome.Alerts);
            terminal.Out.WriteLine($"{outcome.Stats.Alerts} alerts in {outcome.Stats.Records} records of {outcome.Stats.Files} files");
        }
        if (settings.Stats)
            JsonOut.Write(terminal.Error, outcome.Stats.Write);
        return settings.FailOnAlert && outcome.Alerts.Count > 0 ? ExitCode.Failed
            : outcome.Losses.Count > 0 ? ExitCode.Partly
            : ExitCode.Done;
    }

    private static void Tell(IReadOnlyList<Loss> losses, TextWriter error)
    {
        foreach (var file in losses.GroupBy(loss => loss.File, StringComparer.Ordinal))
        {
            foreach (var loss in file.Take(LossesTold))
                error.WriteLine(OneLine.Of(loss.ToString()));
            if (file.Count() > LossesTold)
                error.WriteLine(OneLine.Of($"{file.Key}: and {file.Count() - LossesTold} more that cannot be read"));
        }
    }
}

using Detector.Adapters.Sqlite;
using Detector.App.Backtests;
using Detector.App.Options;
using Detector.App.Replays;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules backtest</c> was asked to do.</summary>
/// <param name="Rules">The rules in question.</param>
/// <param name="Against">Those they are compared with; null for none.</param>
/// <param name="Archive">What is read.</param>
/// <param name="Output">table, json or markdown.</param>
internal sealed record RulesBacktestSettings(RulesOptions Rules, RulesOptions? Against, ArchiveSettings Archive, string Output);

/// <summary>Tells how many alerts rules would have raised over an archive, and how that differs from other rules.</summary>
internal static class RulesBacktestCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(RulesBacktestSettings settings, Terminal terminal)
    {
        var rules = Load(settings.Rules, terminal);
        var against = settings.Against is { } others ? Load(others, terminal) : null;
        if (rules.IsEmpty || against is { IsEmpty: true })
        {
            terminal.Error.WriteLine("rules: not one rule could be loaded, so there is nothing to compare or count");
            return ExitCode.Usage;
        }
        using var archives = TrailArchives.Open(settings.Archive.Places, settings.Archive.Within, terminal);
        foreach (var note in archives.Notes)
            terminal.Error.WriteLine(OneLine.Of(note));
        try
        {
            var (backtest, losses, stopped) = BacktestRun.Run(
                archives.Archive,
                rules,
                against,
                settings.Archive.Within,
                settings.Archive.Replay(terminal),
                terminal.Stopping
            );
            foreach (var loss in losses)
                terminal.Error.WriteLine(OneLine.Of(loss.ToString()));
            Write(backtest, settings.Output, terminal);
            if (stopped is not null)
                terminal.Error.WriteLine($"stopped before it was done: {stopped}, and the alerts are those of these");
            return losses.Count > 0 || stopped is not null || backtest.Refused.Count > 0 ? ExitCode.Partly : ExitCode.Done;
        }
        catch (StorageException e)
        {
            terminal.Error.WriteLine(OneLine.Of(e.Message));
            return ExitCode.Fault;
        }
    }

    private static RuleLoad Load(RulesOptions options, Terminal terminal)
    {
        var load = RuleLoad.From(RuleLoad.Folders(options));
        foreach (var error in load.Refused)
            terminal.Error.WriteLine(OneLine.Of($"rules: refused: {error}"));
        return load;
    }

    private static void Write(Backtest backtest, string output, Terminal terminal)
    {
        switch (output)
        {
            case "json":
                JsonOut.Write(terminal.Out, json => BacktestJson.Write(json, backtest));
                break;
            case "markdown":
                BacktestMarkdown.Write(terminal.Out, backtest);
                break;
            default:
                BacktestTable.Write(terminal.Out, backtest, terminal.Width);
                break;
        }
    }
}

using Detector.App.Backtests;
using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules backtest</c> was asked to do.</summary>
/// <param name="Trail">What is judged, and by the rules in question.</param>
/// <param name="Against">Those they are compared with; null for none.</param>
/// <param name="Output">table, json or markdown.</param>
internal sealed record RulesBacktestSettings(TrailSettings Trail, RulesOptions? Against, string Output);

/// <summary>Tells how many alerts rules would have raised over an archive, and how that differs from other rules.</summary>
internal static class RulesBacktestCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(RulesBacktestSettings settings, Terminal terminal)
    {
        var rules = TrailJudging.Load(settings.Trail.Rules, terminal);
        var against = settings.Against is { } others ? TrailJudging.Load(others, terminal) : null;
        if (rules.IsEmpty || against is { IsEmpty: true })
        {
            terminal.Error.WriteLine("rules: not one rule could be loaded, so there is nothing to compare or count");
            return ExitCode.Usage;
        }
        using var archives = TrailJudging.Open(settings.Trail, terminal);
        var (backtest, losses, stopped) = BacktestRun.Run(
            archives.Archive,
            rules,
            against,
            settings.Trail.Within,
            settings.Trail.Replay(terminal),
            terminal.Stopping
        );
        TrailJudging.Tell(losses, terminal);
        Write(backtest, settings.Output, terminal);
        TrailJudging.TellStop(stopped, "the alerts are those", terminal);
        return losses.Count > 0 || stopped is not null || backtest.Refused.Count > 0 ? ExitCode.Partly : ExitCode.Done;
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

using Detector.App.Infra;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>What <c>detector infra pattern</c> was asked to do.</summary>
/// <param name="Rules">Which rules.</param>
/// <param name="Except">Labels, ids or titles of rules that are left out.</param>
/// <param name="Limit">Characters that a pattern may have.</param>
/// <param name="Estimate">Trail files of which is counted what passes; none for no estimate.</param>
/// <param name="Json">Whether a program reads the answer.</param>
internal sealed record InfraPatternSettings(RulesOptions Rules, IReadOnlyList<string> Except, int Limit, IReadOnlyList<string> Estimate, bool Json);

/// <summary>Prints the EventBridge patterns that let pass what rules need.</summary>
internal static class InfraPatternCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(InfraPatternSettings settings, Terminal terminal)
    {
        var whole = true;
        var code = Print(settings.Rules, settings.Except, settings.Limit, Tell, terminal);
        return code == ExitCode.Done && !whole ? ExitCode.Partly : code;

        void Tell(PatternPlan plan)
        {
            PassingEstimate? estimate = null;
            if (settings.Estimate.Count > 0)
                (estimate, whole) = Estimate(plan, settings.Estimate, terminal);
            if (settings.Json)
                PlanOutput.Json(terminal.Out, plan, estimate, settings.Except);
            else
                PlanOutput.Text(terminal.Out, plan, estimate, settings.Except);
        }
    }

    /// <summary>Makes the plan for some rules, and prints what is made of it; returns the exit code.</summary>
    public static int Print(RulesOptions rules, IReadOnlyList<string> except, int limit, Action<PatternPlan> print, Terminal terminal)
    {
        var load = TrailJudging.Load(rules, terminal);
        if (load.IsEmpty)
        {
            terminal.Error.WriteLine("rules: not one rule could be loaded, so nothing is needed");
            return ExitCode.Usage;
        }
        print(PatternPlan.For(Without(load.Rules, except), limit));
        return load.Refused.Count == 0 ? ExitCode.Done : ExitCode.Partly;
    }

    /// <summary>The rules that are left, and those that they build on.</summary>
    /// <exception cref="StartException">There is no such rule.</exception>
    private static RuleSet Without(RuleSet rules, IReadOnlyList<string> except)
    {
        if (except.Count == 0)
            return rules;
        List<Rule> telling = [.. rules.Detections.Concat<Rule>(rules.Correlations).Where(rules.AlertsByItself)];
        foreach (var name in except)
        {
            if (telling.RemoveAll(rule => name == rule.Id || name == rule.Name || name == rule.Title) == 0)
                throw new StartException($"--except: there is no rule '{name}' that alerts");
        }
        return rules.Only(telling);
    }

    private static (PassingEstimate Estimate, bool IsWhole) Estimate(PatternPlan plan, IReadOnlyList<string> paths, Terminal terminal)
    {
        var survey = PassingEstimate.Survey(plan);
        var settings = new TrailSettings(
            new RulesOptions(Shipped: false, []),
            default,
            new TrailPlaces(paths, [], [], LookupEvents: false, Cache: null, ServiceUrl: null, Enqueue: null),
            CredentialReport: null,
            KeyPairs: []
        );
        using var archives = TrailJudging.Open(settings, terminal);
        var options = settings.Replay(terminal) with { Survey = survey };
        using var outcome = ReplayRun.Run(archives.Archive, RuleSet.Empty, settings.Within, options, terminal.Stopping);
        TrailJudging.Tell(outcome.Losses, terminal);
        TrailJudging.TellStop(outcome.Stopped, "the estimate is that", terminal);
        return (PassingEstimate.Of(survey, plan), TrailJudging.ExitCodeOf(outcome) == ExitCode.Done);
    }
}

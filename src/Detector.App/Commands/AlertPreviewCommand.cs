using System.Text.Json;
using Detector.Adapters;
using Detector.Adapters.Enrichers;
using Detector.App.Options;
using Detector.App.RuleTests;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>What <c>detector alert preview</c> was asked to do.</summary>
/// <param name="Subject">A rule's name, id or title, or a file of an alert or of events.</param>
/// <param name="Form">As which sink tells it.</param>
/// <param name="Rules">Which rules there are.</param>
internal sealed record AlertPreviewSettings(string Subject, PreviewForm Form, RulesOptions Rules);

/// <summary>Tells an alert as a sink would, to standard output: byte for byte what would be sent.</summary>
internal static class AlertPreviewCommand
{
    /// <summary>Told so long after the event, so that the same alert always looks the same.</summary>
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(41);

    /// <summary>Returns the exit code: 1 if no rule fires.</summary>
    public static async Task<int> RunAsync(AlertPreviewSettings settings, Terminal terminal)
    {
        var load = RuleLoad.From(RuleLoad.Folders(settings.Rules));
        var alerts = AlertsOf(settings.Subject, load.Rules);
        if (alerts.Count == 0)
        {
            terminal.Error.WriteLine(OneLine.Of($"{settings.Subject}: no rule fires, so there is no alert to show"));
            return ExitCode.Failed;
        }
        var clock = new StoppedClock((alerts[0].Time ?? terminal.Time.GetUtcNow()) + Told);
        var enrichment = new Enrichment([new Runbooks(rule => Find(load.Rules, rule)?.Place.File)], TimeProvider.System);
        foreach (var line in await AlertPreview.OfAsync(alerts, settings.Form, enrichment, clock))
            terminal.Out.WriteLine(line);
        if (alerts.Count > 1 && settings.Form != PreviewForm.SlackBot)
            terminal.Error.WriteLine($"the first of {alerts.Count} alerts; --bot shows what a bot makes of all of them");
        return ExitCode.Done;
    }

    private static IReadOnlyList<Alert> AlertsOf(string subject, RuleSet rules)
    {
        if (!File.Exists(subject))
            return OfRule(subject, rules);
        var content = ReadAll(subject);
        try
        {
            return [AlertJson.Read(content)];
        }
        catch (JsonException)
        {
            return Judged(subject, content, rules);
        }
    }

    /// <summary>The alerts of a rule's first case that it fires on.</summary>
    private static List<Alert> OfRule(string name, RuleSet rules)
    {
        var rule =
            Find(rules, name)
            ?? throw new StartException(
                $"there is no rule and no file '{name}'"
                    + (NearestName.Of(name, All(rules).Select(one => one.Label)) is { } near ? $": did you mean {near}?" : "")
            );
        var tested = TestedRules.Of(rules).FirstOrDefault(one => one.All.Any(other => other.Key == rule.Key));
        foreach (var one in tested?.Cases.Where(one => one.Expected is Expectation.Fires or Expectation.Attempt) ?? [])
        {
            if (Judged(one.File, ReadAll(one.File), rules).Where(alert => alert.Rule.Id == rule.Key).ToList() is { Count: > 0 } alerts)
                return alerts;
        }
        throw new StartException($"{rule.Label} has no case beside it that it fires on: give a file of events");
    }

    private static IReadOnlyList<Alert> Judged(string origin, byte[] content, RuleSet rules)
    {
        using var batch = new EventBatch(Path.GetFileName(origin), content, Receipt.None);
        var replay = new Replay(rules);
        var judgement = replay.Try(batch);
        if (judgement.Records == 0)
            throw new StartException($"{origin} holds neither an alert nor an event");
        return replay.Conclude([judgement]).Alerts;
    }

    private static byte[] ReadAll(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be read: {e.Message}");
        }
    }

    private static Rule? Find(RuleSet rules, string name) => All(rules).FirstOrDefault(rule => rule.Name == name || rule.Key == name || rule.Title == name);

    private static IEnumerable<Rule> All(RuleSet rules) => rules.Detections.Concat<Rule>(rules.Correlations);

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

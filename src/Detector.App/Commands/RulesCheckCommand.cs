using System.Text.Json;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules check</c> was asked to do.</summary>
/// <param name="Folders">Folders or files of rules.</param>
/// <param name="Json">Whether to answer with one JSON object in place of text.</param>
/// <param name="Strict">Whether one refused rule is fatal.</param>
internal sealed record RulesCheckSettings(IReadOnlyList<string> Folders, bool Json, bool Strict);

/// <summary>Loads rules as a run would, and tells everything about it that somebody should know.</summary>
internal static class RulesCheckCommand
{
    /// <summary>Returns the exit code: a rule that is not in the set detects nothing, so it never goes unnoticed.</summary>
    public static int Run(RulesCheckSettings settings, Terminal terminal)
    {
        var load = RuleLoad.From(settings.Folders);
        if (settings.Json)
            JsonOut.Write(terminal.Out, json => Write(json, load));
        else
            Write(terminal.Out, load);
        return load switch
        {
            { IsEmpty: true } => ExitCode.Usage,
            { Refused.Count: > 0 } => settings.Strict ? ExitCode.Usage : ExitCode.Partly,
            _ => ExitCode.Done,
        };
    }

    private static void Write(TextWriter output, RuleLoad load)
    {
        foreach (var error in load.Refused)
            output.WriteLine(OneLine.Of(error.ToString()));
        foreach (var warning in load.Warnings)
            output.WriteLine(OneLine.Of((warning with { Reason = "warning: " + warning.Reason }).ToString()));
        foreach (var rule in load.Rules.TriedAlways)
            output.WriteLine(OneLine.Of($"{rule.Place}: note: '{rule.Label}' is tried on every record, as its condition implies no event's name"));

        var (detections, correlations) = (load.Rules.Detections.Count, load.Rules.Correlations.Count);
        output.WriteLine(
            $"{detections + correlations + load.Filters} rules loaded: {detections} detections, {correlations} correlations, {load.Filters} filters"
        );
        output.WriteLine(
            $"{load.Refused.Count} refused, {load.Warnings.Count} warnings, {load.Skipped.Count} for other log sources, {load.Rules.TriedAlways.Count} tried always"
        );
    }

    private static void Write(Utf8JsonWriter json, RuleLoad load)
    {
        json.WriteArray("detections", load.Rules.Detections, rule => Write(json, rule));
        json.WriteArray("correlations", load.Rules.Correlations, rule => Write(json, rule));
        json.WriteNumber("filters", load.Filters);
        json.WriteArray("triedAlways", load.Rules.TriedAlways, rule => Write(json, rule));
        json.WriteArray("refused", load.Refused, error => Write(json, error));
        json.WriteArray("warnings", load.Warnings, error => Write(json, error));
        json.WriteArray("skipped", load.Skipped, error => Write(json, error));
    }

    private static void Write(Utf8JsonWriter json, Rule rule)
    {
        json.WriteString("id", rule.Id);
        json.WriteString("name", rule.Name);
        json.WriteString("title", rule.Title);
        Write(json, rule.Place);
    }

    private static void Write(Utf8JsonWriter json, RuleError error)
    {
        Write(json, error.Place);
        json.WriteString("reason", error.Reason);
        json.WriteString("mend", error.Mend);
    }

    private static void Write(Utf8JsonWriter json, RulePlace place)
    {
        json.WriteString("file", place.File);
        json.WriteNumber("line", place.Line);
        json.WriteNumber("column", place.Column);
    }
}

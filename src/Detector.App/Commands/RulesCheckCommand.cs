using Detector.App.Lints;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules check</c> was asked to do.</summary>
/// <param name="Folders">Folders or files of rules.</param>
/// <param name="Output">text, json (an object per finding, one a line) or sarif.</param>
/// <param name="Strict">Whether one refused rule is fatal, and rules must say all that shipped rules do.</param>
/// <param name="FailOnWarning">Whether a warning fails as an error does.</param>
internal sealed record RulesCheckSettings(IReadOnlyList<string> Folders, string Output, bool Strict, bool FailOnWarning);

/// <summary>Loads rules as a run would, and tells everything about them that somebody should know.</summary>
internal static class RulesCheckCommand
{
    /// <summary>Returns the exit code: a rule that detects nothing never goes unnoticed.</summary>
    public static int Run(RulesCheckSettings settings, Terminal terminal)
    {
        var load = RuleLoad.From(settings.Folders);
        var findings = Linter.Check(load, settings.Strict);
        switch (settings.Output)
        {
            case "json":
                foreach (var finding in findings)
                    JsonOut.Write(terminal.Out, json => Write(json, finding));
                break;
            case "sarif":
                JsonOut.Write(terminal.Out, json => Sarif.Write(json, findings));
                break;
            default:
                Write(terminal.Out, load, findings);
                break;
        }
        return load.IsEmpty || (settings.Strict && load.Refused.Count > 0) ? ExitCode.Usage
            : findings.Any(finding => finding.Level >= (settings.FailOnWarning ? LintLevel.Warning : LintLevel.Error)) ? ExitCode.Failed
            : ExitCode.Done;
    }

    private static void Write(TextWriter output, RuleLoad load, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
            output.WriteLine(OneLine.Of(finding.ToString()));
        var (detections, correlations) = (load.Rules.Detections.Count, load.Rules.Correlations.Count);
        output.WriteLine(
            $"{detections + correlations + load.Filters} rules loaded: {detections} detections, {correlations} correlations, {load.Filters} filters; "
                + $"{load.Refused.Count} refused, {load.Skipped.Count} for other log sources, {load.Rules.TriedAlways.Count} tried always"
        );
        output.WriteLine($"{Count(LintLevel.Error)} errors, {Count(LintLevel.Warning)} warnings, {Count(LintLevel.Note)} notes");

        int Count(LintLevel level) => findings.Count(finding => finding.Level == level);
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, Finding finding)
    {
        json.WriteString("id", finding.Kind.Id);
        json.WriteString("level", finding.LevelWord);
        json.WriteString("rule", finding.Rule);
        json.WriteString("file", finding.Place.File);
        json.WriteNumber("line", finding.Place.Line);
        json.WriteNumber("column", finding.Place.Column);
        json.WriteString("reason", finding.Reason);
        json.WriteString("mend", finding.Mend);
        json.WriteString("source", finding.Kind.Source);
    }
}

using Detector.App.Lints;
using Detector.App.Replays;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules check</c> was asked to do.</summary>
/// <param name="Folders">Folders or files of rules.</param>
/// <param name="Output">text, json (an object per finding, one a line) or sarif.</param>
/// <param name="Strict">Whether one refused rule is fatal, and rules must say all that shipped rules do.</param>
/// <param name="FailOnWarning">Whether a warning fails as an error does.</param>
/// <param name="Against">Files, folders and <c>s3://</c> places of an archive that shows what suppressions hide; none to look at the rules alone.</param>
internal sealed record RulesCheckSettings(IReadOnlyList<string> Folders, string Output, bool Strict, bool FailOnWarning, IReadOnlyList<string> Against);

/// <summary>Loads rules as a run would, and tells everything about them that somebody should know.</summary>
internal static class RulesCheckCommand
{
    /// <summary>Returns the exit code: a rule that detects nothing never goes unnoticed.</summary>
    public static int Run(RulesCheckSettings settings, Terminal terminal)
    {
        var load = RuleLoad.From(settings.Folders);
        var findings = Linter.Check(load, settings.Strict, terminal.Time.GetUtcNow());
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
        if (settings.Against.Count > 0 && load.Suppressions.Count > 0)
            TellHidden(settings.Against, load, settings.Output == "text" ? terminal.Out : terminal.Error, terminal);
        return load.IsEmpty || (settings.Strict && load.Refused.Count > 0) ? ExitCode.Usage
            : findings.Any(finding => finding.Level >= (settings.FailOnWarning ? LintLevel.Warning : LintLevel.Error)) ? ExitCode.Failed
            : ExitCode.Done;
    }

    /// <summary>Tells what each suppression would have hidden in an archive, also of those that hid nothing.</summary>
    private static void TellHidden(IReadOnlyList<string> paths, RuleLoad load, TextWriter output, Terminal terminal)
    {
        using var archives = TrailArchives.Open(new TrailPlaces(paths, [], [], false, null, null, null), default, terminal);
        var options = new ReplayOptions(Path.GetTempPath(), terminal.Time) { Progress = terminal.ErrorIsTerminal ? terminal.Error : null };
        using var outcome = ReplayRun.Run(archives.Archive, load.Rules, default, options, terminal.Stopping);
        TrailJudging.Tell(outcome.Losses, terminal);
        output.WriteLine($"in {outcome.Stats.Records} records of {outcome.Stats.Files} files:");
        foreach (var hidden in outcome.Stats.Hidden)
            output.WriteLine(OneLine.Of($"  {hidden}"));
        var idle = load
            .Suppressions.Select(suppression => suppression.Label)
            .Except(outcome.Stats.Hidden.Select(hidden => hidden.Suppression), StringComparer.Ordinal);
        foreach (var suppression in idle)
            output.WriteLine(OneLine.Of($"  suppression {suppression} hid nothing"));
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

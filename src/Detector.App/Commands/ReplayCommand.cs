using System.Text.Json;
using Detector.App.Integrity;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.App.Reports;
using Detector.Core.Detection.Surveys;

namespace Detector.App.Commands;

/// <summary>What <c>detector replay</c> was asked to do.</summary>
/// <param name="Trail">What is judged, and by which rules.</param>
/// <param name="Output">How alerts are written.</param>
/// <param name="Report">The file that gets the report; null for none.</param>
/// <param name="Stats">Whether to tell what it went through.</param>
/// <param name="FailOnAlert">Whether an alert makes the exit code 1.</param>
/// <param name="Deliver">Where the alerts are sent; nowhere if null.</param>
/// <param name="Validate">Whether the archive is checked by its digests.</param>
/// <param name="PublicKeys">Where CloudTrail's public keys come from, as it was given.</param>
internal sealed record ReplaySettings(
    TrailSettings Trail,
    OutputForm Output,
    string? Report,
    bool Stats,
    bool FailOnAlert,
    DetectorOptions? Deliver,
    bool Validate,
    string? PublicKeys
);

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
        return settings.Trail.Places.Enqueue is { } queue ? TrailJudging.Enqueue(settings.Trail, queue, terminal) : Judge(settings, terminal);
    }

    private static int Judge(ReplaySettings settings, Terminal terminal)
    {
        // Every record counts for a report, and only for one.
        var survey = settings.Report is null ? null : new Survey(activity: true);
        using var records = survey is null ? null : new RecordPacks(Path.GetTempPath());
        if (settings.Report is { } file)
            ReportFile.Check(file);
        var validation = settings.Validate ? new Validation(settings.Trail, settings.PublicKeys, terminal) : null;
        return TrailJudging.Run(
            settings.Trail,
            terminal,
            (_, outcome) => Tell(outcome, survey, records, validation, settings, terminal),
            survey,
            records,
            validation
        );
    }

    private static void Write(Utf8JsonWriter json, ReplayOutcome outcome, Validation? validation)
    {
        outcome.Stats.Write(json);
        if (validation is null)
            return;
        json.WriteStartObject("integrity");
        IntegrityLines.WriteJson(json, validation.Integrity!);
        json.WriteEndObject();
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
                foreach (var hidden in outcome.Stats.Hidden)
                    terminal.Out.WriteLine(OneLine.Of(hidden.ToString()));
                break;
        }
    }

    private static int Tell(ReplayOutcome outcome, Survey? survey, RecordPacks? records, Validation? validation, ReplaySettings settings, Terminal terminal)
    {
        Write(outcome, settings.Output, terminal);
        if (survey is not null && records is not null)
            ReportFile.Write(
                settings.Report!,
                new Report(
                    terminal.Time.GetUtcNow(),
                    outcome.Alerts,
                    records,
                    outcome.Stats,
                    survey,
                    outcome.Losses.Count,
                    outcome.Stopped,
                    validation?.Integrity
                )
            );
        if (settings.Deliver is { } options)
        {
            var pending = Redelivery.SendAsync(outcome.Alerts, options, terminal).GetAwaiter().GetResult();
            terminal.Error.WriteLine($"{pending} of {outcome.Stats.Alerts} alerts had not been told yet");
        }
        TrailJudging.TellStop(outcome.Stopped, "the alerts are those", terminal);
        if (validation is not null)
            IntegrityLines.WriteTable(terminal.Error, validation.Integrity!);
        if (settings.Stats)
            JsonOut.Write(terminal.Error, json => Write(json, outcome, validation));
        return settings.FailOnAlert && outcome.Stats.Alerts > 0 ? ExitCode.Failed
            : validation is { IsDoubtful: true } ? ExitCode.Partly
            : TrailJudging.ExitCodeOf(outcome);
    }
}

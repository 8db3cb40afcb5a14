using System.Globalization;
using System.Text.Json;
using Detector.Core.Delivery;

namespace Detector.App.Replays;

/// <summary>Alerts as a replay's results: for machines one JSON object a line, for people a table.</summary>
internal static class AlertLines
{
    private const string Seconds = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string Fractions = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public static void WriteJson(TextWriter output, Alert alert) =>
        JsonOut.Write(
            output,
            json =>
            {
                json.WriteString("alertId", alert.Id.Value);
                json.WriteStartObject("rule");
                json.WriteString("id", alert.Rule.Id);
                json.WriteString("name", alert.Rule.Name);
                json.WriteString("title", alert.Rule.Title);
                json.WriteString("level", alert.Rule.Level.ToString().ToLowerInvariant());
                json.WriteStartArray("tags");
                foreach (var tag in alert.Rule.Tags)
                    json.WriteStringValue(tag);
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteString("kind", alert.Kind == AlertKind.Plain ? "plain" : "correlation");
                json.WriteBoolean("late", alert.Late);
                json.WriteString("group", alert.Group);
                json.WriteArray("events", alert.Events, one => Write(json, one));
            }
        );

    public static void WriteTable(TextWriter output, IReadOnlyList<Alert> alerts)
    {
        string[][] rows =
        [
            ["TIME", "LEVEL", "RULE", "WHO", "WHAT", "EVENTS", "FIRST IN"],
            .. alerts.Select(alert =>
                new[]
                {
                    Time(alert.Time) ?? "no time",
                    alert.Rule.Level.ToString().ToLowerInvariant(),
                    alert.Rule.Name,
                    alert.Facts.Actor ?? "-",
                    alert.Facts.EventName ?? "-",
                    alert.Events.Count.ToString(CultureInfo.InvariantCulture),
                    $"{alert.Events[0].File}#{alert.Events[0].Index}",
                }
                    .Select(OneLine.Of)
                    .ToArray()
            ),
        ];
        if (alerts.Count == 0)
            return;
        var widths = Enumerable.Range(0, rows[0].Length - 1).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column < widths.Length ? cell.PadRight(widths[column]) : cell)));
    }

    private static void Write(Utf8JsonWriter json, AlertEvent one)
    {
        json.WriteString("eventID", one.EventId);
        json.WriteString("eventTime", Time(one.EventTime));
        json.WriteString("eventName", one.EventName);
        json.WriteString("file", one.File);
        json.WriteNumber("index", one.Index);
    }

    private static string? Time(DateTimeOffset? time) =>
        time is { } at ? at.UtcDateTime.ToString(at.Ticks % TimeSpan.TicksPerSecond == 0 ? Seconds : Fractions, CultureInfo.InvariantCulture) : null;
}

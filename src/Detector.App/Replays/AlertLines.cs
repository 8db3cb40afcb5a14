using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.App.Replays;

/// <summary>Alerts as a replay's results: for machines one JSON object a line, for people a table.</summary>
internal static class AlertLines
{
    /// <summary>Bytes of lines that are written at once.</summary>
    private const int Handful = 32 * 1024;

    /// <summary>Names the form of a line and its version, as <see cref="AlertJson.Schema"/> does.</summary>
    public const string Schema = "detector.replay-alert/1";

    public static void WriteJson(TextWriter output, IEnumerable<Alert> alerts)
    {
        var lines = new ArrayBufferWriter<byte>(2 * Handful);
        var newLine = Encoding.UTF8.GetBytes(output.NewLine);
        var text = Array.Empty<char>();
        using var json = new Utf8JsonWriter(lines);
        foreach (var alert in alerts)
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            Write(json, alert);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            lines.Write(newLine);
            if (lines.WrittenCount >= Handful)
                Put();
        }
        Put();

        // Some lines at once: each write to the output may be one to the system.
        void Put()
        {
            if (text.Length < lines.WrittenCount)
                text = new char[lines.Capacity];
            output.Write(text, 0, Encoding.UTF8.GetChars(lines.WrittenSpan, text));
            lines.ResetWrittenCount();
        }
    }

    /// <summary>Goes through the alerts twice, because the widest cell of each column decides.</summary>
    public static void WriteTable(TextWriter output, IEnumerable<Alert> alerts, int? width)
    {
        string[] heads = ["TIME", "LEVEL", "RULE", "WHO", "WHAT", "EVENTS", "FIRST IN"];
        var widths = heads[..^1].Select(head => head.Length).ToArray();
        var isEmpty = true;
        foreach (var row in alerts.Select(Row))
        {
            isEmpty = false;
            for (var column = 0; column < widths.Length; column++)
                widths[column] = Math.Max(widths[column], TextTable.Columns(row[column]));
        }
        if (isEmpty)
            return;
        TextTable.Fit(widths, heads, width);
        foreach (var row in alerts.Select(Row).Prepend(heads))
            output.WriteLine(TextTable.Line(row, widths, width));
    }

    private static string[] Row(Alert alert) =>
        [
            .. new[]
            {
                Times.Exact(alert.Time) ?? "no time",
                alert.Rule.Level.Word(),
                alert.Rule.Name,
                alert.Facts.Behind?.Actor ?? alert.Facts.Actor ?? "-",
                alert.Facts.EventName ?? "-",
                alert.Events.Count.ToString(CultureInfo.InvariantCulture),
                $"{alert.Events[0].File}#{alert.Events[0].Index}",
            }.Select(OneLine.Of),
        ];

    public static void Write(Utf8JsonWriter json, Alert alert)
    {
        json.WriteString("alertId", alert.Id.Value);
        json.WriteStartObject("rule");
        json.WriteString("id", alert.Rule.Id);
        json.WriteString("name", alert.Rule.Name);
        json.WriteString("title", alert.Rule.Title);
        json.WriteString("level", alert.Rule.Level.Word());
        json.WriteTexts("tags", alert.Rule.Tags);
        json.WriteEndObject();
        json.WriteString("kind", alert.Kind == AlertKind.Plain ? "plain" : "correlation");
        json.WriteBoolean("late", alert.Late);
        json.WriteString("group", alert.Group);
        json.WriteArray("events", alert.Events, one => Write(json, one));
        if (alert.Facts.Behind is { } chain)
        {
            json.WriteStartObject("behind");
            Write(json, chain);
            json.WriteEndObject();
        }
    }

    /// <summary>Who stands behind a session, and by which sessions they came.</summary>
    public static void Write(Utf8JsonWriter json, ActorChain chain)
    {
        json.WriteString("actor", chain.Actor);
        json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(chain.Kind.ToString()));
        if (chain.Provider is { } provider)
            json.WriteString("provider", provider);
        json.WriteArray(
            "sessions",
            chain.Sessions,
            session =>
            {
                json.WriteString("name", session.Name);
                json.WriteString("accessKeyId", session.AccessKeyId);
                json.WriteString("begun", Times.Exact(session.Begun));
            }
        );
    }

    /// <summary>One event of an alert: which it is, and where it stands.</summary>
    public static void Write(Utf8JsonWriter json, AlertEvent one)
    {
        json.WriteString("eventID", one.EventId);
        json.WriteString("eventTime", Times.Exact(one.EventTime));
        json.WriteString("eventName", one.EventName);
        json.WriteString("file", one.File);
        json.WriteNumber("index", one.Index);
    }
}

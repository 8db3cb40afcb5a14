using System.Buffers;
using System.Text;
using System.Text.Json;
using Detector.App.Replays;
using Detector.Core.Delivery;
using Detector.Core.Rules.Fields;

namespace Detector.App.Reports;

/// <summary>
/// The alerts of a report as data for its script, in elements that no browser runs: one alert a line, and what unfolding needs in lines of their own, which are read
/// only then. The writer escapes all that could end the element.
/// </summary>
internal static class ReportData
{
    // A record may be a quarter of a megabyte; a person reads the beginning, and the file and index name the rest.
    private const int MostText = 64 * 1024;

    public static void Write(TextWriter output, IEnumerable<Alert> alerts)
    {
        Lines(output, "data-alerts", alerts, Brief);
        Lines(output, "data-evidence", alerts, Whole);
    }

    private static void Lines(TextWriter output, string id, IEnumerable<Alert> alerts, Action<Utf8JsonWriter, Alert> write)
    {
        output.WriteLine($"<script type=\"application/json\" id=\"{id}\">");
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer);
        foreach (var alert in alerts)
        {
            write(json, alert);
            json.Flush();
            output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
            json.Reset();
            buffer.ResetWrittenCount();
        }
        output.WriteLine("</script>");
    }

    private static string Words(ActorChain chain) =>
        string.Join(
            " → ",
            chain.Sessions.Select(session => session.Name).Prepend($"{chain.Actor} ({chain.Kind.Words()}{(chain.Provider is { } by ? $" of {by}" : "")})")
        );

    private static void Brief(Utf8JsonWriter json, Alert alert)
    {
        var facts = alert.Facts;
        json.WriteStartArray();
        json.WriteStringValue(alert.Id.Value);
        json.WriteNumberValue(alert.Time?.ToUnixTimeMilliseconds() ?? 0);
        json.WriteNumberValue((int)alert.Rule.Level);
        json.WriteStringValue(OneLine.Of(alert.Rule.Name));
        json.WriteStringValue(OneLine.Of(alert.Rule.Title));
        json.WriteStringValue(OneLine.Of(facts.Behind?.Actor ?? facts.Actor ?? ""));
        json.WriteStringValue(OneLine.Of(facts.EventName ?? ""));
        json.WriteStringValue(OneLine.Of(facts.Account ?? ""));
        json.WriteStringValue(OneLine.Of(facts.Region ?? ""));
        json.WriteStringValue(OneLine.Of(facts.SourceAddress ?? ""));
        json.WriteStringValue(OneLine.Of(string.Join(", ", facts.Targets)));
        json.WriteEndArray();
    }

    private static void Whole(Utf8JsonWriter json, Alert alert)
    {
        var (facts, rule) = (alert.Facts, alert.Rule);
        json.WriteStartObject();
        json.WriteStartArray("rows");
        Row("Actor", facts.Actor);
        Row("Behind", facts.Behind is { } chain ? Words(chain) : null);
        Row("Key", facts.AccessKeyId);
        Row("MFA", facts.Mfa);
        Row("From", facts.SourceAddress);
        Row("Agent", facts.UserAgent);
        Row("Call", $"{facts.EventName} of {facts.EventSource}");
        Row("Error", facts.ErrorCode);
        Row("On", string.Join(", ", facts.Targets));
        Row("Group", alert.Group);
        Row("Why it matters", rule.Description);
        Row("First step", rule.FirstStep);
        Row("Tags", string.Join(", ", rule.Tags));
        Row("Events", alert.Events.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteEndArray();
        json.WriteStartArray("records");
        var budget = MostText;
        foreach (var record in alert.Evidence ?? [])
        {
            if (record.Length > budget)
                break;
            budget -= record.Length;
            using var document = JsonDocument.Parse(record, new JsonDocumentOptions { MaxDepth = 1000 });
            document.RootElement.WriteTo(json);
        }
        json.WriteEndArray();
        json.WriteStartArray("places");
        foreach (var one in alert.Events.TakeLast(Report.Evidence).Reverse())
            json.WriteStringValue(OneLine.Of($"{AlertLines.Time(one.EventTime)} {one.EventName} {one.EventId} in {one.File}#{one.Index}"));
        json.WriteEndArray();
        json.WriteEndObject();

        void Row(string name, string? value)
        {
            if (string.IsNullOrWhiteSpace(value))
                return;
            json.WriteStartArray();
            json.WriteStringValue(name);
            json.WriteStringValue(OneLine.Of(value));
            json.WriteEndArray();
        }
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Detector.Core.Delivery;
using Detector.Core.Rules.Fields;

namespace Detector.App.Reports;

/// <summary>
/// The alerts of a report as data for its script, in elements that no browser runs: what the list shows and unfolds as JSON, with names and rules by number, and the
/// packed records, so that a page of ten thousand alerts is small. JSON and Base64 hold nothing that could end the element.
/// </summary>
internal sealed class ReportData : IDisposable
{
    private readonly TextWriter _output;
    private readonly IReadOnlyList<FoundRule> _found;
    private readonly Dictionary<string, int> _rules;
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private readonly Utf8JsonWriter _json;
    private readonly ArrayBufferWriter<char> _chars = new(4096);
    private readonly RecordPacks _records;

    /// <param name="output">The page.</param>
    /// <param name="rules">Those that the alerts are of.</param>
    /// <param name="records">The records of the alerts.</param>
    public ReportData(TextWriter output, IReadOnlyList<FoundRule> rules, RecordPacks records)
    {
        _records = records;
        _output = output;
        _found = rules;
        _rules = rules.Index().ToDictionary(rule => rule.Item.Rule.Id, rule => rule.Index, StringComparer.Ordinal);
        _json = new Utf8JsonWriter(_line);
    }

    /// <summary>Writes what the list shows and unfolds.</summary>
    public void WriteAlerts(IEnumerable<Alert> alerts)
    {
        Element("rules", _found, rule => Rule(rule.Rule));
        Element("alerts", alerts, Alert);
        Element("names", _names.Keys, name => _json.WriteStringValue(name));
    }

    /// <summary>Writes the records of the alerts: behind the script, which need not wait for them.</summary>
    public void WriteRecords() => Element("records", _records.All(), pack => _json.WriteBase64StringValue(pack));

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Element<T>(string id, IEnumerable<T> items, Action<T> write)
    {
        _output.Write($"<script type=\"application/json\" id=\"data-{id}\">[");
        var isFirst = true;
        foreach (var item in items)
        {
            write(item);
            _json.Flush();
            _output.WriteLine(isFirst ? "" : ",");
            var chars = _chars.GetSpan(_line.WrittenCount);
            _output.Write(chars[..Encoding.UTF8.GetChars(_line.WrittenSpan, chars)]);
            _json.Reset();
            _line.ResetWrittenCount();
            isFirst = false;
        }
        _output.WriteLine("]</script>");
    }

    private void Rule(AlertRule rule)
    {
        _json.WriteStartObject();
        _json.WriteString("name", OneLine.Of(rule.Name));
        _json.WriteString("title", OneLine.Of(rule.Title));
        _json.WriteNumber("level", (int)rule.Level);
        _json.WriteString("description", OneLine.Of(rule.Description));
        _json.WriteString("firstStep", OneLine.Of(rule.FirstStep));
        _json.WriteString("tags", OneLine.Of(string.Join(", ", rule.Tags)));
        _json.WriteEndObject();
    }

    private void Alert(Alert alert)
    {
        var facts = alert.Facts;
        _json.WriteStartArray();
        _json.WriteStringValue(alert.Id.Value);
        _json.WriteNumberValue(alert.Time?.ToUnixTimeMilliseconds() ?? 0);
        _json.WriteNumberValue(_rules[alert.Rule.Id]);
        Name(facts.Behind?.Actor ?? facts.Actor);
        Name(facts.EventName);
        Name(facts.Account);
        Name(facts.Region);
        Name(facts.SourceAddress);
        Name(string.Join(", ", facts.Targets));
        _json.WriteNumberValue(_records.NumberOf(alert));
        _json.WriteStartArray();
        Name(facts.Actor);
        Name(facts.Behind is { } chain ? Words(chain) : null);
        Name(facts.AccessKeyId);
        Name(facts.Mfa);
        Name(facts.UserAgent);
        Name(facts.EventSource);
        Name(facts.ErrorCode);
        Name(alert.Group);
        _json.WriteNumberValue(alert.Events.Count);
        foreach (var one in alert.Events.TakeLast(Report.Evidence).Reverse())
            Place(one);
        _json.WriteEndArray();
        _json.WriteEndArray();
    }

    private void Place(AlertEvent one)
    {
        _json.WriteStartArray();
        _json.WriteNumberValue(one.EventTime?.ToUnixTimeMilliseconds() ?? 0);
        Name(one.EventName);
        _json.WriteStringValue(OneLine.Of(one.EventId ?? ""));
        Name(one.File);
        _json.WriteNumberValue(one.Index);
        _json.WriteEndArray();
    }

    private void Name(string? name)
    {
        var text = OneLine.Of(name ?? "");
        if (!_names.TryGetValue(text, out var number))
            _names.Add(text, number = _names.Count);
        _json.WriteNumberValue(number);
    }

    private static string Words(ActorChain chain) =>
        string.Join(
            " → ",
            chain.Sessions.Select(session => session.Name).Prepend($"{chain.Actor} ({chain.Kind.Words()}{(chain.Provider is { } by ? $" of {by}" : "")})")
        );
}

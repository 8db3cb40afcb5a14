using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Detector.Core.Delivery;
using Detector.Core.Rules.Fields;

namespace Detector.App.Reports;

/// <summary>
/// The alerts of a report as data for its script, in elements that no browser runs: what the list shows and unfolds as JSON, with names and rules by number, and the
/// records packed, so that a page of ten thousand alerts is small. JSON and Base64 hold nothing that could end the element.
/// </summary>
internal sealed class ReportData : IDisposable
{
    // A record may be a quarter of a megabyte; a person reads the beginning, and the file and index name the rest.
    private const int MostText = 64 * 1024;

    /// <summary>Alerts whose records are packed together; the script knows it too.</summary>
    private const int Together = 100;
    private const char BetweenAlerts = '\u001e';
    private const char BetweenRecords = '\u001f';

    private readonly TextWriter _output;
    private readonly IReadOnlyList<FoundRule> _found;
    private readonly Dictionary<string, int> _rules;
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private readonly Utf8JsonWriter _json;
    private readonly StringBuilder _records = new();
    private readonly List<string> _packs = [];
    private int _kept;

    /// <param name="output">The page.</param>
    /// <param name="rules">Those that the alerts are of.</param>
    public ReportData(TextWriter output, IReadOnlyList<FoundRule> rules)
    {
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
        Pack();
        Element("names", _names.Keys, name => _json.WriteStringValue(name));
    }

    /// <summary>Writes the records of the alerts that were written: behind the script, which need not wait for them.</summary>
    public void WriteRecords() => Element("records", _packs, _json.WriteStringValue);

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
            _output.Write(Encoding.UTF8.GetString(_line.WrittenSpan));
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
        Keep(alert.Evidence ?? []);
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
        _names.TryAdd(text, _names.Count);
        _json.WriteNumberValue(_names[text]);
    }

    private static string Words(ActorChain chain) =>
        string.Join(
            " → ",
            chain.Sessions.Select(session => session.Name).Prepend($"{chain.Actor} ({chain.Kind.Words()}{(chain.Provider is { } by ? $" of {by}" : "")})")
        );

    /// <summary>Puts an alert's records beside those of its neighbours, as they are: each was found to be JSON, in which no such separator stands.</summary>
    private void Keep(IReadOnlyList<string> records)
    {
        if (_kept == Together)
            Pack();
        if (_kept++ > 0)
            _records.Append(BetweenAlerts);
        var budget = MostText;
        _records.AppendJoin(BetweenRecords, records.TakeWhile(record => (budget -= record.Length) >= 0));
    }

    private void Pack()
    {
        if (_kept == 0)
            return;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(_records.ToString()));
        _packs.Add(Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length));
        _records.Clear();
        _kept = 0;
    }
}

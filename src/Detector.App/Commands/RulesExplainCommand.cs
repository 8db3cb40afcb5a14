using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Detector.Adapters.Files;
using Detector.App.Explaining;
using Detector.App.Options;
using Detector.App.RuleTests;
using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Rules;

namespace Detector.App.Commands;

/// <summary>What <c>detector rules explain</c> was asked to do.</summary>
/// <param name="Rule">A rule's name, id or title, or its file.</param>
/// <param name="Event">A file of events, with <c>#</c> and a place behind it for one of them, or <c>-</c>.</param>
/// <param name="Rules">Which rules there are.</param>
/// <param name="With">Files and folders that went before.</param>
/// <param name="Json">Whether to answer with one JSON object in place of text.</param>
internal sealed record RulesExplainSettings(string Rule, string Event, RulesOptions Rules, IReadOnlyList<string> With, bool Json);

/// <summary>Tells why a rule fires on an event or does not.</summary>
internal static class RulesExplainCommand
{
    private const int GroupsTold = 3;
    private const int HitsTold = 20;

    /// <summary>Returns the exit code: 0 if it fires, 1 if not.</summary>
    public static int Run(RulesExplainSettings settings, Terminal terminal)
    {
        var load = Load(settings);
        var rule = Find(load.Rules, settings.Rule);
        var (path, index) = PlaceOf(settings.Event);
        var run = new ExplainRun(load.Rules, rule);

        using var reader = new TrailReader();
        var before = new TrailFiles(settings.With, TrailScope.All);
        foreach (var item in before.ListAsync(Tell, terminal.Stopping).ToBlockingEnumerable(terminal.Stopping))
            Add(item);
        var asked = path == "-" ? Only(new StreamArchive("stdin", terminal.OpenIn)) : Only(new TrailFiles([path], TrailScope.All));
        var content = Add(asked);
        var records = CaseRecord.Read(content.Span);
        if (records.Count == 0)
            throw new StartException($"{path} holds no event");
        if (index is { } wanted && !records.Exists(record => record.Index == wanted))
            throw new StartException($"{path} has no record {wanted}: it holds {records.Count}");

        var explained = run.Explain(asked.Name, records, index);
        if (settings.Json)
            JsonOut.Write(terminal.Out, json => Write(json, explained));
        else
            Write(terminal.Out, explained, load.Rules);
        return explained.Matched ? ExitCode.Done : ExitCode.Failed;

        ReadOnlyMemory<byte> Add(TrailItem item)
        {
            var whole = new ArrayBufferWriter<byte>();
            var read = reader.Read(
                item,
                (window, _) =>
                {
                    whole.Write(window);
                    return window.Length;
                },
                terminal.Stopping
            );
            if (read.Problem is { } problem)
                Tell(problem);
            foreach (var rejected in run.Add(item.Name, whole.WrittenMemory))
                terminal.Error.WriteLine(OneLine.Of($"{rejected.Origin}: record {rejected.Index} at byte {rejected.Offset} cannot be read: {rejected.Reason}"));
            return whole.WrittenMemory;
        }

        void Tell(UnreadFile unread) => terminal.Error.WriteLine(OneLine.Of($"{unread.Path}: {unread.Reason}"));
    }

    private static TrailItem Only(ITrailArchive archive) => archive.ListAsync(_ => { }, CancellationToken.None).ToBlockingEnumerable().Single();

    private static RuleLoad Load(RulesExplainSettings settings)
    {
        var folders = RuleLoad.Folders(settings.Rules);
        if (!File.Exists(settings.Rule))
            return RuleLoad.From(folders);
        // It may build on rules of other files.
        var file = Path.GetFullPath(settings.Rule);
        return RuleLoad.From(
            folders.Any(folder => file.StartsWith(Path.GetFullPath(folder), StringComparison.Ordinal)) ? folders : [.. folders, settings.Rule]
        );
    }

    private static Rule Find(RuleSet rules, string wanted)
    {
        var all = rules.Detections.Concat<Rule>(rules.Correlations).ToList();
        if (File.Exists(wanted))
        {
            var file = Path.GetFullPath(wanted);
            var inside = all.Where(rule => Path.GetFullPath(rule.Place.File) == file).ToList();
            var folder = Path.GetFileName(Path.GetDirectoryName(file));
            return inside.Find(rule => rule.Name == folder)
                ?? inside.Find(rules.AlertsByItself)
                ?? inside.FirstOrDefault()
                ?? throw new StartException($"{wanted} holds no rule that could be loaded: rules check tells why");
        }
        return all.Find(rule => rule.Name == wanted)
            ?? all.Find(rule => rule.Id == wanted)
            ?? all.Find(rule => rule.Title == wanted)
            ?? throw new StartException(
                $"there is no rule '{wanted}'" + (NearestName.Of(wanted, all.Select(rule => rule.Label)) is { } near ? $": did you mean {near}?" : "")
            );
    }

    private static (string Path, int? Index) PlaceOf(string place)
    {
        if (place == "-" || File.Exists(place))
            return (place, null);
        var at = place.LastIndexOf('#');
        if (
            at > 0
            && int.TryParse(place.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && place[..at] is var path
            && (path == "-" || File.Exists(path))
        )
            return (path, index);
        throw new StartException($"{place} is no file of events, nor one with # and a record's place behind it");
    }

    private static void Write(TextWriter output, Explained explained, RuleSet rules)
    {
        output.WriteLine(OneLine.Of(explained.Sentence));
        foreach (var note in explained.Notes)
            output.WriteLine(OneLine.Of($"  {note}"));
        foreach (var window in explained.Windows.Take(GroupsTold))
            Write(output, window, rules);
        if (explained.Windows.Count > GroupsTold)
            output.WriteLine($"  and {explained.Windows.Count - GroupsTold} more groups");
        foreach (var record in explained.Conditions)
        {
            output.WriteLine();
            output.WriteLine(OneLine.Of($"{record.Rule.Label} on {record.Label}:"));
            foreach (var line in record.Tree.Lines(1, record.BasisOf))
                output.WriteLine(OneLine.Of(line));
        }
    }

    private static void Write(TextWriter output, GroupWindow window, RuleSet rules)
    {
        output.WriteLine();
        output.WriteLine(
            OneLine.Of(
                window.Group is null ? $"without a value to group by, so they take no part: {window.All} events"
                : window.Group.Length == 0 ? $"all together: {Summary(window)}"
                : $"group '{window.Group}': {Summary(window)}"
            )
        );
        var labels = rules.Detections.Concat<Rule>(rules.Correlations).ToDictionary(rule => rule.Key, rule => rule.Label, StringComparer.Ordinal);
        foreach (var hit in window.Hits.Take(HitsTold))
        {
            var value = hit.Value is null ? "" : $"  {hit.Value}";
            output.WriteLine(OneLine.Of($"  {hit.Time:yyyy-MM-ddTHH:mm:ssZ}  {labels.GetValueOrDefault(hit.Rule, hit.Rule)}  {hit.Origin}#{hit.Index}{value}"));
        }
        if (window.Hits.Count > HitsTold)
            output.WriteLine($"  and {window.Hits.Count - HitsTold} more");
    }

    private static string Summary(GroupWindow window) =>
        $"reached {ExplainRun.Number(window.Reached)} {(window.IsMet ? "✓" : "✗")} with {window.Hits.Count} of its {window.All} events in the window"
        + (window.Wider is { } span ? $"; a timespan of {span} would do" : "");

    private static void Write(Utf8JsonWriter json, Explained explained)
    {
        json.WriteString("rule", explained.Rule.Label);
        json.WriteString("id", explained.Rule.Id);
        json.WriteString("file", explained.Rule.Place.File);
        json.WriteBoolean("matched", explained.Matched);
        json.WriteString("why", explained.Sentence);
        json.WriteTexts("notes", explained.Notes);
        json.WriteArray(
            "conditions",
            explained.Conditions,
            record =>
            {
                json.WriteString("rule", record.Rule.Label);
                json.WriteNumber("index", record.Record.Index);
                json.WriteString("eventName", record.Name);
                if (record.Record.Time is { } time)
                    json.WriteString("eventTime", time);
                json.WriteStartObject("condition");
                Write(json, record.Tree, record);
                json.WriteEndObject();
            }
        );
        json.WriteArray(
            "windows",
            explained.Windows,
            window =>
            {
                json.WriteString("group", window.Group);
                json.WriteBoolean("met", window.IsMet);
                if (double.IsFinite(window.Reached))
                    json.WriteNumber("reached", window.Reached);
                json.WriteNumber("events", window.All);
                if (window.Wider is { } wider)
                    json.WriteString("wouldFireWithin", wider.ToString());
                json.WriteArray(
                    "hits",
                    window.Hits,
                    hit =>
                    {
                        json.WriteString("rule", hit.Rule);
                        json.WriteString("time", hit.Time);
                        json.WriteString("file", hit.Origin);
                        json.WriteNumber("index", hit.Index);
                        json.WriteString("value", hit.Value);
                    }
                );
            }
        );
    }

    private static void Write(Utf8JsonWriter json, Explanation part, ExplainedRecord record)
    {
        json.WriteString("text", part.Text);
        json.WriteBoolean("holds", part.Holds);
        if (part.Found is { } found)
            json.WriteTexts("found", found);
        if (part.Parts.Count > 0)
            json.WriteArray("parts", part.Parts, inner => Write(json, inner, record));
        else if (record.BasisOf(part).ToList() is { Count: > 0 } basis)
            json.WriteTexts("basis", basis);
    }
}

using System.Globalization;
using System.Text.Json;
using Detector.App.RuleTests;
using Detector.App.RuleTests.Mutations;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Explaining;

/// <summary>Runs one rule, with those that it builds on, over a trail, and tells of one of its files why the rule fired there or did not.</summary>
/// <param name="all">All rules, for what builds on this one.</param>
/// <param name="rule">The rule.</param>
internal sealed class ExplainRun(RuleSet all, Rule rule)
{
    private readonly RuleSet _rules = all.Only([rule]);
    private readonly Replay _replay = new(all.Only([rule]));
    private readonly List<Judgement> _judgements = [];
    private readonly List<Rejected> _rejected = [];

    /// <summary>Takes in a part of the trail. Returns what of it could not be read.</summary>
    public IReadOnlyList<Rejected> Add(string origin, ReadOnlyMemory<byte> content)
    {
        using var batch = new EventBatch(origin, content, Receipt.None);
        var judgement = _replay.Try(batch);
        _judgements.Add(judgement with { Rejected = [] });
        _rejected.AddRange(judgement.Rejected);
        return judgement.Rejected;
    }

    /// <summary>Explains a file that was taken in.</summary>
    /// <param name="origin">Which.</param>
    /// <param name="records">Its records; not empty.</param>
    /// <param name="index">The one that is asked about; null for all of them.</param>
    public Explained Explain(string origin, IReadOnlyList<CaseRecord> records, int? index)
    {
        var wanted = index is null ? records : [.. records.Where(record => record.Index == index)];
        var mine = _judgements
            .SelectMany(judgement => judgement.Hits)
            .Where(hit => hit.Origin == origin && (index is null || hit.Index == index))
            .Select(hit => hit.Event)
            .ToHashSet();
        var places = _judgements
            .SelectMany(judgement => judgement.Hits)
            .Where(hit => mine.Contains(hit.Event))
            .Select(hit => (hit.Origin, hit.Index))
            .ToHashSet();
        // A record that is in the trail twice counts where it came first.
        var alerts = _replay
            .Conclude(_judgements)
            .Alerts.Where(alert => alert.Rule.Id == rule.Key && alert.Events.Any(e => places.Contains((e.File, e.Index))))
            .ToList();
        return rule is CorrelationRule correlation ? Correlation(correlation, records, alerts) : Detection((DetectionRule)rule, origin, wanted, alerts);
    }

    private Explained Detection(DetectionRule detection, string origin, IReadOnlyList<CaseRecord> records, List<Alert> alerts)
    {
        var places = alerts.SelectMany(alert => alert.Events).Where(e => e.File == origin).Select(e => e.Index).ToHashSet();
        var fired = records.Where(one => places.Contains(one.Index)).Take(1).ToList();
        var record = Nearest(detection, fired.Count > 0 ? fired : records);
        var among = records.Count > 1 ? $" (the {(alerts.Count > 0 ? "first that does" : "nearest")} of {records.Count})" : "";
        var matched = alerts.Count > 0;
        var sentence = (record.Tree.Holds, matched) switch
        {
            (true, true) => $"{rule.Label} fires on {record.Label}{among}: its condition is met",
            (true, false) => $"{rule.Label} does not fire on {record.Label}{among}, though its condition is met: {NotCounted(detection, origin, record)}",
            _ => $"{rule.Label} does not fire on {record.Label}{among}: {Left(detection, record.Tree)}{Why.Of(record.Tree)}",
        };
        return new Explained(rule, matched, sentence, [.. Notes(detection, record, alerts)], [record], []);
    }

    private Explained Correlation(CorrelationRule correlation, IReadOnlyList<CaseRecord> records, List<Alert> alerts)
    {
        var windows = NearestWindows.Of(_rules, correlation, _judgements);
        var wanted = CaseRun.Wanted(correlation);
        var met = alerts.Count > 0;
        var sentence =
            met ? $"{rule.Label} fires: {alerts[0].Events.Count} events{GroupOf(alerts[0].Group)} within {correlation.Timespan}; {wanted}"
            : windows is [{ Group: { } group } nearest, ..]
                ? $"{rule.Label} does not fire: the nearest window{GroupOf(group)} reached {Number(nearest.Reached)}; {wanted} within {correlation.Timespan}{Wider(nearest)}"
            : windows.Count > 0 ? $"{rule.Label} does not fire: its {windows[0].All} events lack a field of {string.Join(", ", correlation.GroupBy)}"
            : $"{rule.Label} does not fire: no event meets any rule that it combines";
        var silent = correlation.Rules.Distinct(StringComparer.Ordinal).Where(key => !windows.Any(window => window.Hits.Any(hit => hit.Rule == key)));
        return new Explained(
            rule,
            met,
            sentence,
            [
                $"combines {JsonNamingPolicy.SnakeCaseLower.ConvertName(correlation.Type.ToString())}"
                    + $"{(correlation.Fields.Count > 0 ? $" of {string.Join(", ", correlation.Fields)}" : "")} within {correlation.Timespan}"
                    + $"{(correlation.GroupBy.Count > 0 ? $" by {string.Join(", ", correlation.GroupBy)}" : "")}; {wanted}",
                .. Serves(),
            ],
            met
                ? []
                :
                [
                    .. _rules
                        .Detections.Where(detection => silent.Contains(detection.Key, StringComparer.Ordinal))
                        .Select(detection => Nearest(detection, records)),
                ],
            windows
        );
    }

    private ExplainedRecord Nearest(DetectionRule detection, IReadOnlyList<CaseRecord> records)
    {
        var recollection = new Recollection(_rules, _judgements.SelectMany(judgement => judgement.Hits));
        var (record, tree) = records
            .Select(one => (Record: one, Tree: recollection.Explain(detection, one.Json, one.Time)))
            .MaxBy(one => (one.Tree.Holds, one.Tree.Closeness));
        return new ExplainedRecord(
            detection,
            record,
            Json.Parse(record.Json)?["eventName"].AsText(),
            tree,
            recollection.BasisOf(detection, record.Json, record.Time)
        );
    }

    /// <summary>Why a record that meets the condition raises nothing.</summary>
    private string NotCounted(DetectionRule detection, string origin, ExplainedRecord record) =>
        _rejected.Find(rejected => rejected.Origin == origin && rejected.Index == record.Record.Index) is { } rejected
            ? $"it cannot be judged: {rejected.Reason}"
        : record.Record.Time is null && _rules.Waits(detection) ? "it has no time, and the rule asks what was known then"
        : detection.Sighting is { } sighting ? $"of the events with the same {string.Join(", ", sighting.By)} only the first of each {sighting.Period} counts"
        : detection.After is { } after
            ? $"it is judged {after} after the event, at {record.Record.Time + after:yyyy-MM-ddTHH:mm:ssZ}, and the trail ends before"
        : "the record is there twice, and counts where it came first";

    /// <summary>Whether the rule would be met but for a filter.</summary>
    private static string Left(DetectionRule detection, Explanation tree) =>
        detection.NarrowedBy.Count > 0 && tree.Parts is [{ Holds: true }, ..]
            ? $"its own condition is met, but it is left out by {Filters([.. detection.NarrowedBy.Zip(tree.Parts.Skip(1)).Where(pair => !pair.Second.Holds).Select(pair => pair.First)])}: "
            : "";

    private static string Filters(IReadOnlyList<string> names) => $"the filter{(names.Count > 1 ? "s" : "")} {string.Join(", ", names)}";

    private IEnumerable<string> Notes(DetectionRule detection, ExplainedRecord record, List<Alert> alerts)
    {
        if (detection.NarrowedBy.Count > 0)
            yield return $"narrowed by {Filters(detection.NarrowedBy)}: the last {detection.NarrowedBy.Count} parts of the condition";
        if (detection.After is { } after && record.Record.Time is { } time)
            yield return $"judged {after} after the event, at {time + after:yyyy-MM-ddTHH:mm:ssZ}, by what is known then";
        if (detection.Sighting is { } sighting)
            yield return $"of the events with the same {string.Join(", ", sighting.By)} only the first of each {sighting.Period} counts";
        if (detection.Suppression is { } quiet)
        {
            yield return $"one alert stands for all events with the same {string.Join(", ", quiet.By)} in each {quiet.Period}"
                + (
                    alerts is [{ Events: [var first, ..] events } alert, ..]
                        ? $": this one{GroupOf(alert.Group)} for {events.Count}, first record {first.Index} of {first.File} at {first.EventTime:yyyy-MM-ddTHH:mm:ssZ}"
                        : ""
                );
        }
        foreach (var note in Serves())
            yield return note;
    }

    private IEnumerable<string> Serves()
    {
        var users = all.CorrelationsOf(rule).Select(user => user.Label).ToList();
        if (users.Count > 0)
            yield return all.AlertsByItself(rule)
                ? $"combined by {string.Join(", ", users)} too"
                : $"raises no alert by itself: it serves {string.Join(", ", users)}";
    }

    private static string GroupOf(string? group) => string.IsNullOrEmpty(group) ? "" : $" of group '{group}'";

    private static string Wider(GroupWindow window) => window.Wider is { } span ? $"; it would fire with a timespan of {span}" : "";

    public static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}

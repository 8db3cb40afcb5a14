using System.Text.Json;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;

namespace Detector.App.RuleTests;

/// <summary>Runs cases through the engine, and explains those that fail.</summary>
internal sealed class CaseRun(RuleSet rules)
{
    private readonly Dictionary<string, Rule> _byKey = rules.Detections.Concat<Rule>(rules.Correlations).ToDictionary(rule => rule.Key, StringComparer.Ordinal);

    /// <summary>Null if the case goes as its name says.</summary>
    public CaseFailure? Try(TestedRules tested, RuleCase one)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(one.File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"cannot be read: {e.Message}");
        }
        using var batch = new EventBatch(one.File, content, Receipt.None);
        // A new one for each: a replay remembers what it has sighted, and the cases are no one trail.
        var replay = new Replay(rules);
        var judgement = replay.Try(batch);
        if (one.Expected is not { } expected)
            return Fail("its name begins with none of fires_, attempt_ and quiet_");
        if (judgement.Rejected is [var rejected, ..])
            return Fail($"record {rejected.Index} at byte {rejected.Offset} cannot be read: {rejected.Reason}");
        if (judgement.Records == 0)
            return Fail("it holds no event");

        IReadOnlyList<Rule> wanted = expected switch
        {
            Expectation.Fires => tested.Rules,
            Expectation.Attempt => tested.Attempts,
            _ => [],
        };
        if (wanted.Count == 0 && expected != Expectation.Quiet)
            return Fail($"no rule of its folder {(expected == Expectation.Attempt ? "is" : "is not")} named ...{TestedRules.AttemptEnding}");
        var alerts = replay.Conclude([judgement]).Alerts;
        var unwanted = FiredOf(tested.Rules.Concat(tested.Attempts).Except(wanted));
        if (unwanted.Count > 0)
            return Fail(
                $"{string.Join(", ", unwanted.Select(alert => alert.Rule.Name).Distinct(StringComparer.Ordinal))} fires",
                unwanted.SelectMany(alert => WhyFired(alert, content))
            );
        return wanted.Count == 0 || FiredOf(wanted).Count > 0
            ? null
            : Fail($"{TestedRules.LabelOf(wanted)} does not fire", wanted.SelectMany(rule => WhyQuiet(rule, judgement, content)));

        List<Alert> FiredOf(IEnumerable<Rule> rules) => [.. alerts.Where(alert => rules.Any(rule => rule.Key == alert.Rule.Id))];

        CaseFailure Fail(string reason, IEnumerable<string>? explanation = null) => new(one, tested.Label, reason, [.. explanation ?? []]);
    }

    private IEnumerable<string> WhyQuiet(Rule rule, Judgement judgement, byte[] content) =>
        rule is CorrelationRule correlation ? WhyQuiet(correlation, judgement, content) : NearestRecord((DetectionRule)rule, content);

    /// <summary>Where several records are not enough, it is told how many hits there were; where there was none, why not.</summary>
    private IEnumerable<string> WhyQuiet(CorrelationRule rule, Judgement judgement, byte[] content)
    {
        var by = rule.GroupBy.Count > 0 ? $" by {string.Join(", ", rule.GroupBy)}" : "";
        yield return $"{rule.Label} combines events ({JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.Type.ToString())}) within {rule.Timespan}{by}; {Wanted(rule)}";
        var groups = HitGroups.Of(rules, rule, judgement.Hits.DistinctBy(hit => (hit.Rule.Key, hit.Event)));
        foreach (var key in rule.Rules.Distinct(StringComparer.Ordinal))
        {
            var own = groups.Where(group => group.Rule == key).ToList();
            foreach (var group in own)
            {
                var part = group.Group is null ? "without a value to group by: they take no part" : $"in group '{group.Group}'";
                yield return $"  {_byKey[key].Label}: {group.Count} events {part}";
            }
            if (own.Count == 0 && _byKey[key] is DetectionRule detection)
            {
                foreach (var line in NearestRecord(detection, content))
                    yield return "  " + line;
            }
        }
    }

    /// <summary>What a correlation's condition asks for, in words.</summary>
    public static string Wanted(CorrelationRule rule) =>
        rule.Count.Count == 0 ? "every rule wanted" : "wanted " + string.Join(" and ", rule.Count.Select(test => $"{test.Operator.Symbol()} {test.Value}"));

    /// <summary>Why not even the record that comes nearest meets a rule.</summary>
    public static IEnumerable<string> NearestRecord(DetectionRule rule, byte[] content)
    {
        var nearest = Explain(content, (_, record) => Explanation.Of(rule.Condition, record)).MaxBy(one => one.Explanation.Closeness);
        return nearest.Explanation is null ? [] : [$"{rule.Label} on {nearest.Record}:", .. nearest.Explanation.Lines(1)];
    }

    private IEnumerable<string> WhyFired(Alert alert, byte[] content)
    {
        var places = alert.Events.Select(e => e.Index).ToHashSet();
        if (_byKey[alert.Rule.Id] is not DetectionRule rule)
            return [$"{alert.Rule.Name} fires on records {string.Join(", ", places)}{(alert.Group is null ? "" : $" in group '{alert.Group}'")}"];
        return Explain(content, (index, record) => places.Contains(index) ? Explanation.Of(rule.Condition, record) : null)
            .SelectMany(one => one.Explanation.Lines(1).Prepend($"{rule.Label} on {one.Record}:"));
    }

    private static List<(string Record, Explanation Explanation)> Explain(byte[] content, Explainer explain)
    {
        var explained = new List<(string, Explanation)>();
        using var reader = new RecordReader(content, RecordSelection.HeaderOnly, new FieldTable());
        while (reader.Read(out var record) is var result && result != ReadResult.End)
        {
            if (result == ReadResult.Record && explain(record.Index, record.Json) is { } explanation)
                explained.Add(($"record {record.Index}", explanation));
        }
        return explained;
    }

    private delegate Explanation? Explainer(int index, ReadOnlySpan<byte> record);
}

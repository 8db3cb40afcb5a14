using System.Globalization;
using System.Text.Json.Nodes;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.App.RuleTests.Mutations;

/// <summary>
/// Breaks, in the events of a case that fires, one condition after another that the rule needs: each time it must stop firing. One that goes on fires by
/// accident: by another event, or by a condition that its writer did not mean.
/// </summary>
internal sealed class Breaking(Bench bench)
{
    private readonly Dictionary<Condition, Part> _parts = new(ReferenceEqualityComparer.Instance);

    /// <summary>How many changes were tried.</summary>
    public int Tried { get; private set; }

    /// <summary>Conditions that matter in no case, or never by themselves.</summary>
    public IEnumerable<string> Hints
    {
        get
        {
            foreach (var part in _parts.Values.Where(part => part.Holds))
            {
                var text = ConditionText.Of(part.Condition);
                if (!part.Needed)
                    yield return $"{part.Rule.Label} needs in no case that fires: {text}";
                else if (part is { BreaksAlso: { } other, BrokenAlone: false })
                    yield return $"{part.Rule.Label} {text} cannot be broken alone: {ConditionText.Of(other)} breaks with it";
                else if (part.Unbroken && !part.Broken)
                    yield return $"{part.Rule.Label} no change was found that breaks: {text}";
            }
        }
    }

    /// <summary>What still fired, in words.</summary>
    /// <param name="rule">A rule that the case raises.</param>
    /// <param name="content">The case.</param>
    public IEnumerable<string> Try(Rule rule, byte[] content)
    {
        var records = CaseRecord.Read(content).Select(record => (Record: record, Json: Json.Parse(record.Json))).ToList();
        if (records.Exists(record => record.Json is null))
            yield break;
        var nodes = records.ConvertAll(record => record.Json!);
        var recollection = bench.Recall(content);
        foreach (var detection in bench.Rules.Only([rule]).Detections)
        {
            var asked = records.ConvertAll(record => recollection.Ask(detection, record.Record.Json, record.Record.Time));
            var met = Enumerable.Range(0, nodes.Count).Where(i => asked[i].Holds(detection.Condition)).ToList();
            // A correlation may do without this one.
            if (met.Count == 0 || Fires(rule, nodes.Where((_, i) => !met.Contains(i))))
                continue;
            foreach (var leaf in Leaves(detection.Condition, detection.Condition))
            {
                var condition = leaf.Condition;
                var needed = met.TrueForAll(i => !asked[i].Holds(detection.Condition, condition));
                if (bench.Own.Contains(detection))
                {
                    var holds = leaf.SpeaksFor && met.Exists(i => asked[i].Holds(condition) && asked[i].Holds(leaf.Within));
                    Note(detection, condition, holds, met.Exists(i => !asked[i].Holds(detection.Condition, condition)));
                }
                if (!needed)
                    continue;
                var changed = met.ConvertAll(i => Broken(detection, condition, asked[i], nodes, i, records[i].Record.Time));
                if (_parts.TryGetValue(condition, out var part))
                {
                    part.Unbroken |= changed.Contains(null);
                    part.Broken |= !changed.Contains(null);
                }
                if (changed.Contains(null))
                    continue;
                var mutated = nodes.Select((node, i) => met.IndexOf(i) is >= 0 and var at ? changed[at]! : node).ToList();
                // What one event is changed to may teach history what another asks of it.
                if (met.Count > 1 && bench.Rules.Waits(detection) && Holds(detection, mutated))
                    continue;
                Tried++;
                if (Fires(rule, mutated))
                    yield return $"{rule.Label} fires although this was broken: {ConditionText.Of(condition)} of {detection.Label}";
            }
        }
        if (rule is CorrelationRule correlation)
        {
            foreach (var text in TryWindow(correlation, nodes))
                yield return text;
        }
    }

    private bool Fires(Rule rule, IEnumerable<JsonObject> records) => bench.Fired(Json.Write(records)).Contains(rule.Key);

    private bool Holds(DetectionRule rule, List<JsonObject> records)
    {
        var content = Json.Write(records);
        var recollection = bench.Recall(content);
        return CaseRecord.Read(content).Exists(record => recollection.Ask(rule, record.Json, record.Time).Holds(rule.Condition));
    }

    /// <summary>Events that share nothing, or lie too far apart, are not to be combined.</summary>
    private IEnumerable<string> TryWindow(CorrelationRule rule, List<JsonObject> nodes)
    {
        if (rule.GroupBy.Count > 0 && rule.Aliases.Count == 0 && !rule.GroupBy.Any(field => field.StartsWith("detector.", StringComparison.Ordinal)))
        {
            Tried++;
            if (Fires(rule, nodes.Select((node, i) => rule.GroupBy.Aggregate(node, (one, field) => Changes.With(one, field, $"group-{i}")))))
                yield return $"{rule.Label} fires although each event has another value of {string.Join(", ", rule.GroupBy)}";
        }
        Tried++;
        var step = rule.Timespan * 2 + TimeSpan.FromSeconds(1);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        if (
            Fires(
                rule,
                nodes.Select((node, i) => Changes.With(node, "eventTime", (start + step * i).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)))
            )
        )
            yield return $"{rule.Label} fires although the events are more than {rule.Timespan} apart";
    }

    /// <summary>The record with one condition answered otherwise, and no other if that can be; null if no change does it.</summary>
    private JsonObject? Broken(DetectionRule rule, Condition condition, Answers before, List<JsonObject> nodes, int changed, DateTimeOffset? time)
    {
        var others = Leaves(rule.Condition, rule.Condition).Select(leaf => leaf.Condition).Where(other => !ReferenceEquals(other, condition)).ToList();
        JsonObject? best = null;
        List<Condition> turned = [];
        foreach (var candidate in Changes.Of(condition, before.Holds(condition), nodes[changed]))
        {
            var content = Json.Write(candidate);
            // What the others teach is only asked where history counts.
            var trail = bench.Rules.Waits(rule) ? Json.Write(nodes.Select((node, i) => i == changed ? candidate : node)) : content;
            var after = bench.Recall(trail).Ask(rule, content, time);
            if (after.Holds(condition) == before.Holds(condition) || after.Holds(rule.Condition))
                continue;
            var also = others.Where(other => after.Holds(other) != before.Holds(other)).ToList();
            if (best is null || also.Count < turned.Count)
                (best, turned) = (candidate, also);
            if (also.Count == 0)
                break;
        }
        if (best is not null && _parts.TryGetValue(condition, out var part))
        {
            part.BrokenAlone |= turned.Count == 0;
            part.BreaksAlso ??= turned.Find(other => !before.Holds(rule.Condition, other) && !GoTogether(condition, other));
        }
        return best;
    }

    private void Note(DetectionRule rule, Condition condition, bool holds, bool needed)
    {
        if (!_parts.TryGetValue(condition, out var part))
            _parts.Add(condition, part = new Part(rule, condition));
        part.Holds |= holds;
        part.Needed |= needed;
    }

    /// <summary>Whether breaking one of these always breaks the other by the nature of their fields, which says nothing of the rule.</summary>
    private static bool GoTogether(Condition one, Condition other)
    {
        string a = FieldOf(one),
            b = FieldOf(other);
        return DerivedInputs.Of(b).Count > 0 || b.StartsWith(a + ".", StringComparison.Ordinal) || a.StartsWith(b + ".", StringComparison.Ordinal);
    }

    private static string FieldOf(Condition condition) =>
        condition is Condition.Or { Parts: [Condition.Field first, ..] } ? first.Path
        : condition is Condition.Field field ? field.Path
        : "";

    /// <summary>The leaves, and of several values of one field their list.</summary>
    /// <param name="condition">A part of a condition.</param>
    /// <param name="within">The alternative that it stands in.</param>
    /// <param name="speaksFor">Whether it helps the rule to be met.</param>
    private static IEnumerable<Leaf> Leaves(Condition condition, Condition within, bool speaksFor = true) =>
        condition switch
        {
            Condition.Or any when ConditionText.FieldOf(any) is not null => [new Leaf(any, within, speaksFor)],
            Condition.Or any => any.Parts.SelectMany(part => Leaves(part, part, speaksFor)),
            Condition.And and => and.Parts.SelectMany(part => Leaves(part, within, speaksFor)),
            Condition.Not not => Leaves(not.Part, not.Part, !speaksFor),
            _ => [new Leaf(condition, within, speaksFor)],
        };

    private sealed record Leaf(Condition Condition, Condition Within, bool SpeaksFor);

    private sealed class Part(DetectionRule rule, Condition condition)
    {
        public DetectionRule Rule { get; } = rule;

        public Condition Condition { get; } = condition;

        public bool Holds { get; set; }

        public bool Needed { get; set; }

        public bool Broken { get; set; }

        public bool Unbroken { get; set; }

        public bool BrokenAlone { get; set; }

        public Condition? BreaksAlso { get; set; }
    }
}

using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection;

/// <summary>
/// Counts, where all hits come before any is correlated, how many there are of each group and time, so that those can be left out which no window of their
/// correlation could ever be met with: most hits that only serve correlations. It may keep too many and never leaves out one that counts. Safe to use from
/// many threads, all additions before the first question.
/// </summary>
/// <remarks>
/// A window reaches over its timespan, both ends included, so it lies in two periods of that length that follow each other. Correlations of which more than
/// the number of hits decides keep all of theirs.
/// </remarks>
public sealed class Prospects
{
    // Cells that several groups share count too much, which only keeps hits.
    private const int Cells = 1 << 18;
    private const int AllRules = -1;

    private readonly int[] _counts = new int[Cells];
    private readonly Dictionary<string, Prospect> _prospects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry[]> _entries = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<string>> _groupings = [];
    private readonly Stack<Grouper> _idle = [];

    /// <param name="rules">The rules whose hits come.</param>
    public Prospects(RuleSet rules)
    {
        var correlations = rules.Correlations.ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        var detections = rules.Detections.ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        var entries = new List<(string Rule, Entry Entry)>();
        foreach (var (number, correlation) in rules.Correlations.Index())
        {
            if (LeastOf(correlation) is not { } least || !Below(correlation.Key).All(IsPlain))
            {
                continue;
            }
            var parts = correlation.Rules.Distinct(StringComparer.Ordinal).ToArray();
            var prospect = new Prospect(number, correlation.Timespan.Ticks, least, [.. Enumerable.Range(0, parts.Length)]);
            _prospects.Add(correlation.Key, prospect);
            var grouping = _groupings.FindIndex(other => other.SequenceEqual(correlation.GroupBy, StringComparer.Ordinal));
            if (grouping < 0)
            {
                grouping = _groupings.Count;
                _groupings.Add(correlation.GroupBy);
            }
            foreach (var (part, key) in parts.Index())
            {
                // A correlation's hit has the record and the time of the newest of those that it was made of, each of which makes one at most.
                entries.AddRange(
                    Below(key)
                        .OfType<DetectionRule>()
                        .DistinctBy(rule => rule.Key, StringComparer.Ordinal)
                        .Select(rule => (rule.Key, new Entry(prospect, part, grouping)))
                );
            }
        }
        foreach (var rule in entries.GroupBy(entry => entry.Rule, entry => entry.Entry, StringComparer.Ordinal))
        {
            _entries.Add(rule.Key, [.. rule]);
        }

        // A rule, and all that it builds on; nothing for one that is not there.
        IEnumerable<Rule> Below(string key) =>
            correlations.TryGetValue(key, out var correlation) ? correlation.Rules.SelectMany(Below).Prepend(correlation)
            : detections.TryGetValue(key, out var detection) ? [detection]
            : [];
    }

    /// <summary>Counts hits.</summary>
    public void Add(IReadOnlyList<Hit> hits)
    {
        if (hits.Count == 0)
        {
            return;
        }
        Grouper? grouper;
        lock (_idle)
        {
            if (!_idle.TryPop(out grouper))
            {
                grouper = new Grouper(_groupings);
            }
        }
        foreach (var hit in hits)
        {
            if (hit.Time is not { } time || !_entries.TryGetValue(hit.Rule.Key, out var entries))
            {
                continue;
            }
            foreach (var (prospect, part, grouping) in entries)
            {
                if (grouper.GroupOf(hit, grouping) is { } group)
                {
                    var period = time.UtcTicks / prospect.Period;
                    Interlocked.Increment(ref CountOf(prospect, AllRules, group, period));
                    Interlocked.Increment(ref CountOf(prospect, part, group, period));
                }
            }
        }
        lock (_idle)
        {
            _idle.Push(grouper);
        }
    }

    /// <summary>Whether a window of what the hit waits for could be met with it.</summary>
    internal bool MayCount(WaitingHit hit)
    {
        if (!_prospects.TryGetValue(hit.For.Key, out var prospect))
        {
            return true;
        }
        var period = hit.Time.UtcTicks / prospect.Period;
        Span<long> near = stackalloc long[5];
        long all = 0;
        for (var i = 0; i < near.Length; i++)
        {
            near[i] = CountOf(prospect, AllRules, hit.Group, period + i - 2);
            all += near[i];
        }
        // Where there are more than a group may keep, the others decide which of them stay.
        if (all > CorrelationRule.MostHits)
        {
            return true;
        }
        if (prospect.Least.OfRules == 0)
        {
            return near[2] + Math.Max(near[1], near[3]) >= prospect.Least.OfHits;
        }
        var present = 0;
        foreach (var part in prospect.Parts)
        {
            if (
                CountOf(prospect, part, hit.Group, period - 1) > 0
                || CountOf(prospect, part, hit.Group, period) > 0
                || CountOf(prospect, part, hit.Group, period + 1) > 0
            )
            {
                present++;
            }
        }
        return present >= prospect.Least.OfRules;
    }

    private ref int CountOf(Prospect prospect, int part, string group, long period) =>
        ref _counts[(uint)HashCode.Combine(prospect.Number, part, group.GetHashCode(StringComparison.Ordinal), period) % Cells];

    /// <summary>Hits, or rules with a hit, that a window needs at least; null if any hit may do, or if fewer may do where more do not.</summary>
    private static (double OfHits, int OfRules)? LeastOf(CorrelationRule rule)
    {
        if (
            rule.Timespan <= TimeSpan.Zero
            || rule.AsksForSession
            || rule.GroupBy.Any(DerivedFields.NeedsHistory)
            || rule.Count.Any(test => test.Operator is not (Comparison.GreaterOrEqual or Comparison.Greater))
        )
        {
            return null;
        }
        return rule.Type switch
        {
            CorrelationType.EventCount or CorrelationType.ValueCount when rule.Count.Count > 0 && rule.Count.Max(test => test.Value) is >= 2 and var hits => (
                hits,
                0
            ),
            CorrelationType.Temporal or CorrelationType.TemporalOrdered when rule.Count.Count == 0 => (0, rule.Rules.Distinct(StringComparer.Ordinal).Count()),
            _ => null,
        };
    }

    /// <summary>Whether a rule's hits come in the order of their events, with the records of these as they are.</summary>
    private static bool IsPlain(Rule rule) => rule is CorrelationRule { Aliases.Count: 0 } or DetectionRule { After: null };

    /// <summary>What it takes to meet a correlation.</summary>
    private sealed record Prospect(int Number, long Period, (double OfHits, int OfRules) Least, int[] Parts);

    /// <summary>That a rule's hits count for one of a correlation's rules, under the values of some fields.</summary>
    private readonly record struct Entry(Prospect Prospect, int Part, int Grouping);

    /// <summary>Takes the values that make groups from records, once each from a record. For one thread.</summary>
    private sealed class Grouper(List<IReadOnlyList<string>> groupings)
    {
        private readonly GroupKey[] _keys = [.. groupings.Select(fields => new GroupKey(fields))];
        private readonly (ReadOnlyMemory<byte> Record, string? Group)[] _last = new (ReadOnlyMemory<byte>, string?)[groupings.Count];

        public string? GroupOf(Hit hit, int grouping)
        {
            ref var last = ref _last[grouping];
            if (!last.Record.Equals(hit.Record))
            {
                last = (hit.Record, _keys[grouping].Of(hit.Record.Span));
            }
            return last.Group;
        }
    }
}

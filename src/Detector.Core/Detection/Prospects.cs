using System.Runtime.InteropServices;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection;

/// <summary>
/// Counts, where all hits come before any is correlated, how many there are of each group and time, so that those can be left out which no window of their
/// correlation could ever be met with: most hits that only serve correlations. It may keep too many and never leaves out one that counts. Safe to count with
/// from many threads; when all is counted, one may ask.
/// </summary>
/// <remarks>
/// A window reaches over its timespan, both ends included, so it lies in two periods of that length that follow each other. Correlations of which more than
/// the number of hits decides keep all of theirs.
/// </remarks>
public sealed class Prospects
{
    // Cells that several groups share count too much, which only keeps hits.
    private const int Cells = 1 << 19;
    private const int AllRules = -1;
    private const int NoGroup = 0;

    private const int KnownValues = 1 << 16;
    private const int Probes = 8;

    // Of a longer time it is not worth while to ask.
    private const int MostPeriods = 100;

    // Hits of one group and time come near each other, with those of some others in between.
    private const int KnownAnswers = 1 << 11;

    // There are fewer values than hits, so they would be lost among these. Pinned, they are not moved when holes are closed, and do not count as large arrays, of
    // which a few megabytes bring about a collection.
    private readonly ushort[] _hits = GC.AllocateArray<ushort>(Cells, pinned: true);
    private readonly ushort[] _values = GC.AllocateArray<ushort>(Cells, pinned: true);
    private readonly ulong[] _knownValues = GC.AllocateArray<ulong>(KnownValues, pinned: true);
    private readonly Dictionary<string, Served> _served = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<string>> _groupings = [];
    private readonly AskedSessions _sessions = new();
    private readonly Answer[] _answers = new Answer[KnownAnswers];
    private readonly RuleSet _rules;

    /// <param name="rules">The rules whose hits come.</param>
    public Prospects(RuleSet rules)
    {
        _rules = rules;
        var correlations = rules.Correlations.ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        var detections = rules.Detections.ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        var prospects = new Dictionary<string, Prospect>(StringComparer.Ordinal);
        var counted = new List<(DetectionRule Rule, Prospect Prospect, int Part)>();
        foreach (var (number, correlation) in rules.Correlations.Index())
        {
            if (!MoreMayDo(correlation) || !Below(correlation.Key).All(IsPlain))
            {
                continue;
            }
            var grouping = GroupingOf(correlation.GroupBy);
            int? values = correlation.Type == CorrelationType.ValueCount ? GroupingOf(correlation.Fields) : null;
            var parts = correlation.Rules.Distinct(StringComparer.Ordinal).ToArray();
            // Each correlation stands behind those that it builds on.
            var chains = parts.Select(key => prospects.GetValueOrDefault(key) is { } chain && chain.Grouping == grouping ? chain : null);
            var prospect = new Prospect(number, correlation.Timespan.Ticks, LeastOf(correlation), [.. chains], grouping, values);
            prospects.Add(correlation.Key, prospect);
            foreach (var (part, key) in parts.Index())
            {
                // A correlation's hit has the record and the time of the newest of those that it was made of, each of which makes one at most.
                counted.AddRange(Below(key).OfType<DetectionRule>().Distinct().Select(rule => (rule, prospect, part)));
            }
        }
        foreach (var rule in counted.GroupBy(one => one.Rule, one => (one.Prospect, one.Part)))
        {
            // Of several sightings the first counts, whatever becomes of it.
            var isForNothingElse = !rules.AlertsByItself(rule.Key) && rule.Key.Sighting is null;
            var all = rules.CorrelationsOf(rule.Key).ToArray();
            Prospect[] waiting = [.. all.Select(correlation => prospects.GetValueOrDefault(correlation.Key)).OfType<Prospect>()];
            var groupings = rule.SelectMany(one => (int?[])[one.Prospect.Grouping, one.Prospect.Values]).Concat(waiting.Select(one => (int?)one.Grouping));
            var needsMoreFields = !groupings.OfType<int>().All(grouping => _groupings[grouping].All(rules.Index.IsTakenOfEvery));
            _served.Add(rule.Key.Key, new Served([.. rule], isForNothingElse && waiting.Length == all.Length ? waiting : null, needsMoreFields));
        }

        // A rule, and all that it builds on; nothing for one that is not there.
        IEnumerable<Rule> Below(string key) =>
            correlations.TryGetValue(key, out var correlation) ? correlation.Rules.SelectMany(Below).Prepend(correlation)
            : detections.TryGetValue(key, out var detection) ? [detection]
            : [];
    }

    /// <summary>What one thread counts hits by.</summary>
    internal Counter Open() => new(this);

    /// <summary>
    /// Whether anything could come of a hit: a window of a correlation that it waits for, somebody who asks for the session that it begins, or something of which
    /// only the hit itself decides.
    /// </summary>
    public bool MayCount(Hit hit) => hit is not { Groups: { } groups, Time: { } time } || MayCount(hit.Rule, time, groups.Span);

    /// <summary>The same of a hit that is not at hand, but its groups.</summary>
    public bool MayCount(Rule rule, DateTimeOffset time, ReadOnlySpan<int> groups)
    {
        if (IsOfSessions(rule))
        {
            return _sessions.Holds(groups[0]);
        }
        var waiting = _served[rule.Key].Waiting!;
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups[i] != NoGroup && IsKnownToCount(waiting[i], groups[i], time.UtcTicks / waiting[i].Period))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The same of one correlation, worked out once for hits that have group and period in common.</summary>
    private bool IsKnownToCount(Prospect prospect, int group, long period)
    {
        ref var known = ref _answers[CellOf(prospect, AllRules, group, period) % KnownAnswers];
        if (!ReferenceEquals(known.Prospect, prospect) || known.Group != group || known.Period != period)
        {
            known = new Answer(prospect, group, period, MayCount(prospect, group, period));
        }
        return known.May;
    }

    private bool MayCount(Prospect prospect, int group, long period)
    {
        long all = 0;
        for (var near = period - 2; near <= period + 2; near++)
        {
            all += CountIn(_hits, prospect, AllRules, group, near);
        }
        if (all < prospect.Fewest)
        {
            return false;
        }
        // Where there are more than a group may keep, the others decide which of them stay.
        return all > CorrelationRule.MostHits || MayBeMet(prospect, group, period - 1) || MayBeMet(prospect, group, period);
    }

    /// <summary>Whether a window in a period and the next one could be met.</summary>
    private bool MayBeMet(Prospect prospect, int group, long period)
    {
        if (prospect.Least is { } least)
        {
            var counts = prospect.Values is null ? _hits : _values;
            return CountIn(counts, prospect, AllRules, group, period) + CountIn(counts, prospect, AllRules, group, period + 1) >= least;
        }
        for (var part = 0; part < prospect.Chains.Length; part++)
        {
            var hits = CountIn(_hits, prospect, part, group, period) + CountIn(_hits, prospect, part, group, period + 1);
            if (hits == 0 || (prospect.Chains[part] is { } chain && !MayBeMet(prospect, part, chain, group, period, hits)))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether a correlation that another one builds on could be met in time for a window of that one.</summary>
    /// <param name="prospect">The other one.</param>
    /// <param name="part">The place among its rules.</param>
    /// <param name="chain">The correlation.</param>
    /// <param name="group">The group.</param>
    /// <param name="period">The first of the two periods of the other one's window.</param>
    /// <param name="hits">Hits of the part in these two.</param>
    private bool MayBeMet(Prospect prospect, int part, Prospect chain, int group, long period, int hits)
    {
        // What the chain's windows hold has come in these periods or, where it is not longer, in the one before them: mostly there are too few.
        if (chain.Period <= prospect.Period && hits + CountIn(_hits, prospect, part, group, period - 1) < chain.Fewest)
        {
            return false;
        }
        return MayBeMet(chain, group, period * prospect.Period, (period + 2) * prospect.Period);
    }

    /// <summary>Whether a window that ends between two times could be met.</summary>
    private bool MayBeMet(Prospect prospect, int group, long from, long to)
    {
        var first = Math.Max(0, from - prospect.Period) / prospect.Period;
        var last = to / prospect.Period;
        var may = last - first > MostPeriods;
        for (var period = first; period <= last && !may; period++)
        {
            may = MayBeMet(prospect, group, period);
        }
        return may;
    }

    /// <summary>Counts to as many as nobody tells apart from more.</summary>
    private static void Increment(ref ushort count)
    {
        for (var before = Volatile.Read(ref count); before < ushort.MaxValue; )
        {
            var found = Interlocked.CompareExchange(ref count, (ushort)(before + 1), before);
            if (found == before)
            {
                return;
            }
            before = found;
        }
    }

    private static int CountIn(ushort[] counts, Prospect prospect, int part, int group, long period) => counts[CellOf(prospect, part, group, period) % Cells];

    private static uint CellOf(Prospect prospect, int part, int group, long period) => (uint)HashCode.Combine(prospect.Number, part, group, period);

    /// <summary>Whether a value was not seen yet where it is counted. Without room to know, it is: one that counts twice only keeps hits.</summary>
    private bool IsNew(uint cell, string value)
    {
        // Two values that look the same here would count too little, so it takes more than a text's usual hash to know one again.
        var hash = ((ulong)(uint)HashOf(value) << 32) | CandidateCache.Hash(MemoryMarshal.AsBytes(value.AsSpan()));
        var key = hash ^ (cell * 0x9E3779B97F4A7C15);
        for (uint probe = 0; probe < Probes; probe++)
        {
            ref var place = ref _knownValues[(key + probe) % KnownValues];
            var known = Volatile.Read(ref place);
            known = known == 0 ? Interlocked.CompareExchange(ref place, key, 0) : known;
            if (known == 0 || known == key)
            {
                return known == 0;
            }
        }
        return true;
    }

    private static bool IsOfSessions(Rule rule) => rule is DetectionRule { Teaches: Lessons.Sessions };

    private static int HashOf(string text) => text.GetHashCode(StringComparison.Ordinal);

    private int GroupingOf(IReadOnlyList<string> fields)
    {
        var grouping = _groupings.FindIndex(other => other.SequenceEqual(fields, StringComparer.Ordinal));
        if (grouping < 0)
        {
            grouping = _groupings.Count;
            _groupings.Add(fields);
        }
        return grouping;
    }

    /// <summary>Whether one hit can never do, and more do wherever fewer do.</summary>
    private static bool MoreMayDo(CorrelationRule rule) =>
        rule.Timespan > TimeSpan.Zero
        && !rule.AsksForSession
        && !rule.GroupBy.Concat(rule.Fields).Any(DerivedFields.NeedsHistory)
        && rule.Count.All(test => test.Operator is Comparison.GreaterOrEqual or Comparison.Greater)
        && rule.Type switch
        {
            CorrelationType.EventCount or CorrelationType.ValueCount => LeastOf(rule) >= 2,
            CorrelationType.Temporal or CorrelationType.TemporalOrdered => LeastOf(rule) is null,
            _ => false,
        };

    private static double? LeastOf(CorrelationRule rule) => rule.Count.Max(test => (double?)test.Value);

    /// <summary>Whether a rule's hits come in the order of their events, with the records of these as they are.</summary>
    private static bool IsPlain(Rule rule) => rule is CorrelationRule { Aliases.Count: 0 } or DetectionRule { After: null };

    /// <summary>What it takes to meet a correlation.</summary>
    /// <param name="Number">Tells it from others.</param>
    /// <param name="Period">Ticks of its timespan.</param>
    /// <param name="Least">Hits that a window needs, or different values; null if it needs a hit of every rule.</param>
    /// <param name="Chains">For each of its rules what makes the hits, if it is a correlation with the same groups of which it is known what it takes.</param>
    /// <param name="Grouping">Which fields make its groups.</param>
    /// <param name="Values">Which fields' values are counted; null if hits are.</param>
    private sealed record Prospect(int Number, long Period, double? Least, Prospect?[] Chains, int Grouping, int? Values)
    {
        /// <summary>With fewer hits than so many it cannot be met, of whichever rules they are.</summary>
        public double Fewest { get; } = Least ?? Chains.Length;
    }

    /// <summary>Whether a hit of a group in a period may count for a correlation; no prospect where nothing was asked yet.</summary>
    private readonly record struct Answer(Prospect? Prospect, int Group, long Period, bool May);

    /// <summary>What becomes of a rule's hits.</summary>
    /// <param name="Counted">Where they count, and for which of a correlation's rules.</param>
    /// <param name="Waiting">All that waits for them; null if it is not known of each what it takes.</param>
    /// <param name="NeedsMoreFields">Whether it takes more to count them than is taken of every record.</param>
    private sealed record Served((Prospect Prospect, int Part)[] Counted, Prospect[]? Waiting, bool NeedsMoreFields);

    /// <summary>Counts the hits of one record after another, by fields that were taken of it to match it. For one thread.</summary>
    internal sealed class Counter
    {
        private readonly Prospects _all;
        private readonly bool _needsMoreFieldsAlways;
        private readonly GroupKey[] _keys;
        private readonly int[] _ofSessions;
        private readonly int?[] _groups;

        public Counter(Prospects all)
        {
            _all = all;
            var numbers = all._rules.Index.AllFields.Numbers;
            _keys = [.. all._groupings.Select(fields => new GroupKey(fields, numbers))];
            _ofSessions = [.. SessionFields.Keys.Select(field => numbers[field])];
            _needsMoreFieldsAlways = !all._rules.Index.IsTakenOfEvery(SessionFields.Keys[0]);
            _groups = new int?[_keys.Length];
        }

        /// <summary>Whether it takes more to count the hits of a record than is taken of every one.</summary>
        /// <param name="matches">The rules that it meets.</param>
        public bool NeedsMoreFields(IReadOnlyList<DetectionRule> matches)
        {
            var needs = _needsMoreFieldsAlways;
            for (var i = 0; i < matches.Count && !needs; i++)
            {
                needs = IsOfSessions(matches[i]) || (_all._served.TryGetValue(matches[i].Key, out var served) && served.NeedsMoreFields);
            }
            return needs;
        }

        /// <summary>Turns to a record that has hits.</summary>
        public void Turn(scoped in RecordView record)
        {
            _all._sessions.Add(record, _ofSessions);
            Array.Clear(_groups);
        }

        /// <summary>Counts a hit. Returns false if it was taken for the beginning of a session and begins none.</summary>
        /// <param name="rule">Its rule.</param>
        /// <param name="time">The time of its event.</param>
        /// <param name="record">The record.</param>
        /// <param name="groups">What <see cref="Hit.Groups"/> is to tell.</param>
        public bool Count(DetectionRule rule, DateTimeOffset? time, scoped in RecordView record, out ReadOnlyMemory<int>? groups)
        {
            groups = null;
            if (IsOfSessions(rule))
            {
                var session = AskedSessions.Begun(record, _ofSessions);
                groups = session is { } begun ? new[] { begun } : groups;
                return session is not NoGroup;
            }
            if (time is not { } at || !_all._served.TryGetValue(rule.Key, out var served))
            {
                return true;
            }
            foreach (var (prospect, part) in served.Counted)
            {
                if (GroupOf(record, prospect.Grouping) is var group and not NoGroup)
                {
                    var period = at.UtcTicks / prospect.Period;
                    var cell = CellOf(prospect, AllRules, group, period);
                    Increment(ref _all._hits[cell % Cells]);
                    Increment(ref _all._hits[CellOf(prospect, part, group, period) % Cells]);
                    if (prospect.Values is { } values && _keys[values].Of(record) is { } value && _all.IsNew(cell, value))
                    {
                        Increment(ref _all._values[cell % Cells]);
                    }
                }
            }
            if (served.Waiting is { } waiting)
            {
                var under = new int[waiting.Length];
                for (var i = 0; i < under.Length; i++)
                {
                    under[i] = GroupOf(record, waiting[i].Grouping);
                }
                groups = under;
            }
            return true;
        }

        /// <summary>Which group the record belongs to.</summary>
        private int GroupOf(scoped in RecordView record, int grouping) => _groups[grouping] ??= _keys[grouping].HashOf(record) is { } hash ? hash | 1 : NoGroup;
    }
}

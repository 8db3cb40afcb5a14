using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Rules;

/// <summary>
/// Tries a rule set on record after record. Holds what it learns on the way, so each thread has its own. A record that no rule wants costs one look-up and
/// allocates nothing.
/// </summary>
public sealed class RuleMatcher
{
    private const int MaxKey = 1024;

    private readonly RuleIndex _index;
    private readonly MatchScratch _scratch;
    private readonly FieldTable _moreFields = new();
    private readonly DerivedValues _derived;
    private readonly CandidateCache _cache = new();
    private readonly List<DetectionRule> _matches = [];
    private readonly byte[] _key = new byte[MaxKey];
    private readonly RuleCosts? _costs;
    private int _untimed;
    private FieldSelection _selection;
    private bool _hasMoreFields;

    /// <param name="rules">The rules to try. Records must have been read with their <see cref="RuleSet.Selection"/>.</param>
    /// <param name="costs">Learns what rules cost; null if nobody asks.</param>
    public RuleMatcher(RuleSet rules, RuleCosts? costs = null)
    {
        Rules = rules;
        _costs = costs;
        _index = rules.Index;
        _scratch = new MatchScratch(_index.Predicates, _index.Discriminators);
        _selection = _index.AllFields;
        _derived = new DerivedValues(_selection.Paths);
    }

    /// <summary>The rules that are tried.</summary>
    public RuleSet Rules { get; }

    /// <summary>The rules that the record meets, in the order of the set. The list is overwritten by the next call.</summary>
    public IReadOnlyList<DetectionRule> Match(in CloudTrailEvent record) => Match(record, null);

    /// <summary>The same, but for the rules whose match would not count.</summary>
    internal IReadOnlyList<DetectionRule> Match(in CloudTrailEvent record, IMatchFilter? filter)
    {
        _matches.Clear();
        _hasMoreFields = false;
        var candidates = Candidates(record);
        if (candidates.Rules.Length == 0)
        {
            return _matches;
        }
        _scratch.NextRecord();
        _selection = candidates.Fields;
        if (candidates.NeedMoreFields)
        {
            if (candidates.Sooner is { } sooner && !AnyMay(candidates.Rules, sooner, record, filter))
            {
                return _matches;
            }
            Try(candidates.Rules, MoreFields(record), record, filter);
        }
        else
        {
            Try(candidates.Rules, EarlyFields(record), record, filter);
        }
        return _matches;
    }

    /// <summary>Fields of the record that was matched last, by their numbers in <see cref="RuleIndex.AllFields"/>: what hits are counted by.</summary>
    /// <param name="record">The record.</param>
    /// <param name="more">Whether more of them are wanted than are taken of every record.</param>
    internal RecordView Fields(in CloudTrailEvent record, bool more) => more || _hasMoreFields ? MoreFields(record) : EarlyFields(record);

    private RecordView EarlyFields(in CloudTrailEvent record) => new(record.Json, record.FieldText, record.Fields, _scratch);

    private RecordView MoreFields(in CloudTrailEvent record)
    {
        if (!_hasMoreFields)
        {
            _hasMoreFields = true;
            _derived.NextRecord();
            ObjectScanner.Scan(record.Json, 0, _selection, _moreFields);
        }
        return new RecordView(record.Json, record.Json, _moreFields, _scratch, _derived);
    }

    /// <summary>Whether a match with any of the candidates is left open by what is taken of every record.</summary>
    private bool AnyMay(Candidate[] candidates, Compiled[] sooner, in CloudTrailEvent record, IMatchFilter? filter)
    {
        var view = EarlyFields(record);
        for (var i = 0; i < candidates.Length; i++)
        {
            if (MayCount(candidates[i], record, filter) && sooner[i].Holds(view))
            {
                return true;
            }
        }
        return false;
    }

    private static bool MayCount(in Candidate candidate, in CloudTrailEvent record, IMatchFilter? filter) =>
        candidate.Rule.Sighting is null || filter is null || filter.MayCount(candidate.Number, record);

    private void Try(Candidate[] candidates, scoped in RecordView view, in CloudTrailEvent record, IMatchFilter? filter)
    {
        var costs = NextCosts();
        foreach (var candidate in candidates)
        {
            var since = costs?.Now ?? 0;
            // Whether a match would count is a look-up, which is less than to find out whether it is one.
            if (MayCount(candidate, record, filter) && candidate.Condition.Holds(view))
            {
                _matches.Add(candidate.Rule);
                if (candidate.Rule.Sighting is not null)
                {
                    filter?.Count(candidate.Number);
                }
            }
            costs?.Add(candidate.Rule, costs.Now - since);
        }
    }

    /// <summary>Whom to tell what the next record costs; null for all records but one in some.</summary>
    private RuleCosts? NextCosts()
    {
        if (_costs is null || ++_untimed < RuleCosts.Every)
        {
            return null;
        }
        _untimed = 0;
        return _costs;
    }

    private Candidates Candidates(in CloudTrailEvent record)
    {
        if (!TryKey(record, out var key))
        {
            return WorkOut(record);
        }
        var hash = CandidateCache.Hash(key);
        if (!_cache.TryFind(key, hash, out var candidates))
        {
            candidates = WorkOut(record);
            _cache.Add(key, hash, candidates);
        }
        return candidates;
    }

    /// <summary>The discriminating values in one text; a record with several values for one of them, or with huge ones, has none.</summary>
    private bool TryKey(in CloudTrailEvent record, out ReadOnlySpan<byte> key)
    {
        var length = 0;
        key = default;
        foreach (var field in _index.Discriminators)
        {
            var value = record.Fields.First(field);
            if (value < 0)
            {
                if (length == MaxKey)
                {
                    return false;
                }
                _key[length++] = byte.MaxValue;
                continue;
            }
            ref readonly var slice = ref record.Fields[value];
            if (slice.Next >= 0 || slice.Kind is JsonKind.Object or JsonKind.Array || slice.Length + 3 > MaxKey - length)
            {
                return false;
            }
            _key[length++] = (byte)slice.Kind;
            _key[length++] = (byte)slice.Length;
            _key[length++] = (byte)(slice.Length >> 8);
            slice.In(record.FieldText).CopyTo(_key.AsSpan(length));
            length += slice.Length;
        }
        key = _key.AsSpan(0, length);
        return true;
    }

    /// <summary>Tries every rule on the discriminating values alone, and keeps what these leave open of those that they do not make false.</summary>
    private Candidates WorkOut(in CloudTrailEvent record)
    {
        var view = EarlyFields(record);
        var candidates = new List<Candidate>();
        foreach (var number in EventNames(record).SelectMany(_index.ByEventName).Distinct().Order())
        {
            var candidate = _index.Rules[number];
            var left = candidate.Condition.Given(view);
            if (left != Compiled.Never)
            {
                candidates.Add(candidate with { Condition = left });
            }
        }
        int[] predicates = [.. candidates.SelectMany(candidate => candidate.Condition.Predicates)];
        var needMoreFields = predicates.Any(_index.NeedsMore);
        Compiled[] sooner = [.. candidates.Select(candidate => candidate.Condition.FromThese(predicate => !_index.NeedsMore(predicate)))];
        var tellsNothing = candidates.Zip(sooner).Any(one => one.First.Rule.Sighting is null && one.Second == Compiled.Always);
        return new Candidates([.. candidates], _index.FieldsFor(predicates), needMoreFields, needMoreFields && !tellsNothing ? sooner : null);
    }

    private static List<string?> EventNames(in CloudTrailEvent record)
    {
        var view = new RecordView(record.Json, record.FieldText, record.Fields, null);
        var names = new List<string?> { null };
        for (var value = view.First(RecordSelection.EventName); value >= 0; value = record.Fields[value].Next)
        {
            if (view.TryText(value, out var text))
            {
                names.Add(System.Text.Encoding.UTF8.GetString(text));
            }
        }
        return names;
    }
}

/// <summary>Knows of matches of rules with a <see cref="Sighting"/> which would not count, before it is found out whether they are matches.</summary>
internal interface IMatchFilter
{
    /// <summary>Whether it would count if a record met a rule.</summary>
    /// <param name="rule">The rule's place among <see cref="RuleSet.Tried"/>.</param>
    /// <param name="record">The record.</param>
    bool MayCount(int rule, in CloudTrailEvent record);

    /// <summary>The record of which <see cref="MayCount"/> was asked last does meet the rule.</summary>
    void Count(int rule);
}

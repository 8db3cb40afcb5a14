using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Rules;

/// <summary>
/// Finds the few rules that a record could meet from what their conditions imply, never from their text. Fields with few values, above all
/// eventName and eventSource, tell rules apart: each combination of their values leads to the rules that are not false by them alone. The combinations that
/// a trail holds are few, so each is worked out once (see <see cref="CandidateCache"/>).
/// </summary>
internal sealed class RuleIndex
{
    /// <summary>Fields with few values by which rules that name no event can be told apart, best first.</summary>
    private static readonly string[] FewValued = ["userIdentity.type", "errorCode", "eventType", "userIdentity.invokedBy", "eventCategory", "readOnly"];

    /// <summary>Each field that is taken of every record costs a little, whether it is asked for or not.</summary>
    private const int MostOften = 32;

    /// <summary>What a call asked for and got is most of a record, and passed over at once where nobody wants a part of it.</summary>
    private static readonly string[] LargeParts = ["requestParameters.", "responseElements.", "additionalEventData."];

    /// <summary>A rule that names so many events is tried on many records.</summary>
    private const int ManyNames = 16;

    private readonly Dictionary<string, List<int>> _byEventName = new(StringComparer.OrdinalIgnoreCase);
    private readonly int[] _others;

    // Combinations of rules that ask for the same are few; a trail that invents values must not make it many.
    private const int MostSelections = 256;

    private readonly int _early; // fields below this number are taken of every record
    private readonly int[] _ofHits;
    private readonly Dictionary<string, FieldSelection> _selections = new(StringComparer.Ordinal);

    /// <param name="rules">The rules.</param>
    /// <param name="ofHits">Fields that are wanted of records that may meet one.</param>
    public RuleIndex(IReadOnlyList<DetectionRule> rules, IEnumerable<string> ofHits)
    {
        var conditions = rules.Select(rule => rule.AsksForDerived ? Expansion.Of(Relaxed.Of(rule.Condition)) : rule.Condition).ToArray();
        var named = conditions.Select(condition => Implied.Values(condition, "eventName")?.ToArray()).ToArray();
        _others = [.. Enumerable.Range(0, rules.Count).Where(i => named[i] is null)];
        var discriminators = new List<string> { "eventName", "eventSource" };
        var always = new List<int>();
        var often = new List<int>();
        foreach (var i in _others)
        {
            if (Implied.Values(conditions[i], "eventSource") is not null)
            {
                continue;
            }
            var field = FewValued.FirstOrDefault(f => Implied.Values(conditions[i], f) is not null);
            if (field is null)
            {
                always.Add(i);
            }
            else
            {
                often.Add(i);
                if (!discriminators.Contains(field, StringComparer.Ordinal))
                {
                    discriminators.Add(field);
                }
            }
        }
        TriedAlways = [.. always.Select(i => rules[i])];

        // Fields wanted of every record come first, so that their numbers are the same in both selections. What rules ask that name neither event nor source is
        // asked of many records, which would all be scanned twice; so is what those ask that name many events. What stands in a record's large parts they ask
        // of few: the rest of their conditions is asked sooner.
        var widely = Enumerable.Range(0, rules.Count).Where(i => named[i]?.Length >= ManyNames);
        Selection = RecordSelection.With(
            discriminators.Concat(
                always
                    .SelectMany(i => Implied.Fields(conditions[i]))
                    .Concat(
                        often
                            .Concat(widely)
                            .SelectMany(i => Implied.Fields(conditions[i]))
                            .Where(path => !IsOfLargePart(path))
                            .Distinct(StringComparer.Ordinal)
                            .Take(MostOften)
                    )
                    .Where(path => !DerivedFields.IsReserved(path))
                    .Concat(always.Concat(often).SelectMany(i => rules[i].Sighting?.By ?? []))
            )
        );
        var early = Selection.Fields.Paths.Count;
        var all = Selection.Fields.Paths.Union(conditions.SelectMany(Implied.Fields), StringComparer.Ordinal).Union(ofHits, StringComparer.Ordinal).ToArray();
        AllFields = FieldReader.Select(all);
        var numbers = AllFields.Numbers;
        _ofHits = [.. ofHits.Select(field => numbers[field])];
        Discriminators = [.. discriminators.Select(d => numbers[d])];

        var predicates = new PredicateTable(numbers);
        Rules = new Candidate[rules.Count];
        for (var i = 0; i < rules.Count; i++)
        {
            Rules[i] = new Candidate(rules[i], i, Compiled.From(conditions[i], predicates, rules[i].AsksForDerived));
        }
        Predicates = predicates.ToArray();
        _early = early;
        for (var i = 0; i < rules.Count; i++)
        {
            foreach (var name in named[i] ?? [])
            {
                if (!_byEventName.TryGetValue(name, out var bucket))
                {
                    _byEventName.Add(name, bucket = []);
                }
                if (bucket is [] || bucket[^1] != i)
                {
                    bucket.Add(i);
                }
            }
        }
        ProveReachable(named);
    }

    /// <summary>What is taken of every record.</summary>
    public RecordSelection Selection { get; }

    /// <summary>All that is ever taken of a record.</summary>
    public FieldSelection AllFields { get; }

    /// <summary>Numbers of the fields whose values tell rules apart.</summary>
    public int[] Discriminators { get; }

    public Candidate[] Rules { get; }

    public Predicate[] Predicates { get; }

    public IReadOnlyList<DetectionRule> TriedAlways { get; }

    /// <summary>Rules that an event of this name could meet, as far as the name alone tells; in the order of the set.</summary>
    public IEnumerable<int> ByEventName(string? eventName) =>
        eventName is not null && _byEventName.TryGetValue(eventName, out var bucket) ? bucket.Concat(_others).Order() : _others;

    /// <summary>What is taken of records that could meet rules which ask some predicates, with the numbers of <see cref="AllFields"/>. Safe to call from many threads.</summary>
    public FieldSelection FieldsFor(IEnumerable<int> predicates)
    {
        int[] asked = [.. predicates.SelectMany(predicate => Predicates[predicate].Fields).Concat(_ofHits).Distinct().Order()];
        var key = string.Join(' ', asked);
        lock (_selections)
        {
            if (!_selections.TryGetValue(key, out var selection))
            {
                if (_selections.Count == MostSelections)
                {
                    return AllFields;
                }
                var wanted = asked.Select(field => AllFields.Paths[field]).ToHashSet(StringComparer.Ordinal);
                _selections.Add(key, selection = FieldReader.Select(AllFields.Paths, wanted));
            }
            return selection;
        }
    }

    /// <summary>Whether a predicate asks for more than is taken of every record.</summary>
    public bool NeedsMore(int predicate) => Predicates[predicate].Fields is var fields && (fields.Count == 0 || fields.Any(field => field >= _early));

    /// <summary>Whether a field is among those that are taken of every record.</summary>
    /// <param name="path">One of <see cref="AllFields"/>.</param>
    public bool IsTakenOfEvery(string path) => !DerivedFields.IsReserved(path) && AllFields.Numbers[path] < _early;

    private static bool IsOfLargePart(string path) => LargeParts.Any(part => path.StartsWith(part, StringComparison.Ordinal));

    /// <summary>Looks up each rule by what it implies: a rule that its own index cannot find would be silent for ever.</summary>
    private void ProveReachable(string[]?[] named)
    {
        for (var i = 0; i < named.Length; i++)
        {
            foreach (var name in named[i] ?? [])
            {
                // A bucket is in the order of the set.
                if (_byEventName[name].BinarySearch(i) < 0)
                {
                    throw new InvalidOperationException($"rule '{Rules[i].Rule.Key}' is not reachable by eventName '{name}'");
                }
            }
        }
    }
}

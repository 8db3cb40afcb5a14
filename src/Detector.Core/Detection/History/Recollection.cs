using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>
/// What had been learned from a trail at one instant or another, so that a rule can be asked of any of its records as the engine would ask it. For explanations
/// and tests, not for speed; one thread.
/// </summary>
public sealed class Recollection
{
    private readonly RuleSet _rules;
    private readonly List<WaitingHit> _lessons;
    private Memory _memory = new();
    private Recall _recall;
    private int _next;
    private DateTimeOffset _at;

    /// <param name="rules">The rules.</param>
    /// <param name="hits">What stage 1 found in the trail by these rules.</param>
    public Recollection(RuleSet rules, IEnumerable<Hit> hits)
    {
        _rules = rules;
        var room = new WaitingRoom(rules);
        _lessons =
        [
            .. hits.Where(hit => hit.Rule is DetectionRule { Teaches: not Lessons.None })
                .DistinctBy(hit => (hit.Rule.Key, hit.Event))
                .SelectMany(WaitingRoom.ForItself)
                .Select(room.Admit)
                .OfType<WaitingHit>()
                .Order(WaitingHit.InOrder),
        ];
        _recall = new Recall(rules, _memory);
    }

    /// <summary>What a record answers to a rule's condition when it is judged.</summary>
    /// <param name="rule">A rule of the set.</param>
    /// <param name="record">The record, a JSON object.</param>
    /// <param name="time">The time of its event; null if it has none, and then nothing is known of history.</param>
    public Answers Ask(DetectionRule rule, ReadOnlySpan<byte> record, DateTimeOffset? time) => Answers.Of(rule.Condition, record, PastOf(rule, time));

    /// <summary>Why a record meets a rule's condition or does not when it is judged.</summary>
    /// <inheritdoc cref="Ask"/>
    public Explanation Explain(DetectionRule rule, ReadOnlySpan<byte> record, DateTimeOffset? time) =>
        Explanation.Of(rule.Condition, record, PastOf(rule, time));

    /// <summary>What the derived fields of a rule are worked out of for a record.</summary>
    /// <inheritdoc cref="Ask"/>
    public IReadOnlyList<FieldBasis> BasisOf(DetectionRule rule, ReadOnlySpan<byte> record, DateTimeOffset? time)
    {
        var past = PastOf(rule, time);
        var known = new List<FieldBasis>();
        foreach (var field in rule.Fields.Where(field => DerivedInputs.Of(field).Count > 0))
        {
            var asked = past is null ? null : new Asked(past.History);
            var found = Values(field, record, asked is null ? null : past! with { History = asked });
            var inputs = new List<(string, IReadOnlyList<string>)>();
            foreach (var input in DerivedInputs.Of(field))
                inputs.Add((input, Values(input, record, null)));
            known.Add(new FieldBasis(field, found, inputs, asked is null ? [] : [.. asked.Facts.Distinct().OrderBy(fact => fact.Time)]));
        }
        return known;
    }

    private static List<string> Values(string field, ReadOnlySpan<byte> record, Past? past)
    {
        var reader = new FieldReader([field]);
        return Explanation.Values(0, reader.Read(record, past));
    }

    private Past? PastOf(DetectionRule rule, DateTimeOffset? time)
    {
        if (time is not { } at || !_rules.Waits(rule))
            return null;
        at += rule.After ?? TimeSpan.Zero;
        if (at < _at)
        {
            // What was forgotten since cannot be brought back otherwise.
            (_memory, _next) = (new Memory(), 0);
            _recall = new Recall(_rules, _memory);
        }
        for (; _next < _lessons.Count && _lessons[_next].Time <= at; _next++)
        {
            if (_recall.Counts(_lessons[_next]))
                _ = _recall.Learn(_lessons[_next]).Count();
        }
        _at = at;
        return new Past(_memory, at);
    }

    /// <summary>Remembers which facts were told.</summary>
    private sealed class Asked(IHistory known) : IHistory
    {
        public List<LearnedFact> Facts { get; } = [];

        public Fact? Find(string entity, string name, DateTimeOffset asOf)
        {
            var fact = known.Find(entity, name, asOf);
            if (fact is { } told)
                Facts.Add(new LearnedFact(entity, name, told.Value, told.Time));
            return fact;
        }

        public IEnumerable<(string Name, Fact Fact)> Of(string entity, string prefix, DateTimeOffset asOf)
        {
            foreach (var (name, fact) in known.Of(entity, prefix, asOf))
            {
                Facts.Add(new LearnedFact(entity, name, fact.Value, fact.Time));
                yield return (name, fact);
            }
        }

        public IEnumerable<string> Entities(string prefix) => known.Entities(prefix);

        /// <summary>Counted, so that the facts are told that make it up.</summary>
        public long? Administrators(string account, DateTimeOffset asOf) => null;
    }
}

/// <summary>What a derived field of one record is worked out of.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Values">What it came to.</param>
/// <param name="Inputs">Fields of the record, each with what is there; empty where there is none.</param>
/// <param name="Facts">What was known of earlier events and asked for, in the order of their times.</param>
public sealed record FieldBasis(
    string Field,
    IReadOnlyList<string> Values,
    IReadOnlyList<(string Path, IReadOnlyList<string> Values)> Inputs,
    IReadOnlyList<LearnedFact> Facts
);

using Detector.Core.Rules;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection.History;

/// <summary>Judges hits whose place in time has come: whether they count, what is learned from them, and whether their rule is met by what is known then.</summary>
internal sealed class Recall
{
    private readonly Memory _history;
    private readonly Sightings _sightings;
    private readonly Dictionary<string, Lazy<Question>> _questions; // most are never asked
    private readonly RecentRecords _records = new();

    /// <param name="rules">The rules whose hits come.</param>
    /// <param name="history">What is known.</param>
    /// <param name="before">What judged until now, if rules are exchanged.</param>
    public Recall(RuleSet rules, Memory history, Recall? before = null)
    {
        _history = history;
        _sightings = before?._sightings ?? new Sightings();
        _questions = rules
            .Detections.Concat(rules.Hidden)
            .Where(rules.Waits)
            .ToDictionary(rule => rule.Key, rule => new Lazy<Question>(() => new Question(rule.Condition)), StringComparer.Ordinal);
    }

    /// <summary>Whether a hit is the first of its sighting; always, if its rule counts each event.</summary>
    public bool Counts(WaitingHit waiting) =>
        waiting.For is not DetectionRule { Sighting: { } sighting } rule || _sightings.IsFirst(rule.Key, waiting, sighting.Period);

    /// <summary>Marks of sightings in periods that have passed: nobody needs them any more.</summary>
    public IEnumerable<HitKey> Expire(DateTimeOffset now) => _sightings.Expire(now);

    /// <summary>Learns from a hit, while it is gone through. Returns what was news, each before the next is learned: that may make forget what came before.</summary>
    public IEnumerable<LearnedFact> Learn(WaitingHit waiting) =>
        waiting.For is DetectionRule { Teaches: not Lessons.None and var lesson }
            ? Learner.From(_records.Root(waiting.Hit.Record), waiting.Time, lesson, _history).Where(_history.Learn)
            : [];

    /// <summary>
    /// Learns who was given the sessions that hits have begun. A session has one beginning, which nothing changes, so it need not wait for its place in time: whatever
    /// is told of the session's calls meanwhile can tell it. Returns what was news.
    /// </summary>
    public IEnumerable<LearnedFact> LearnSessions(IEnumerable<Hit> hits)
    {
        foreach (var hit in hits)
        {
            if (hit is { Rule: DetectionRule { Teaches: Lessons.Sessions }, Time: { } time })
            {
                foreach (var fact in Learner.From(_records.Root(hit.Record), time, Lessons.Sessions, _history).Where(_history.Learn))
                    yield return fact;
            }
        }
    }

    /// <summary>Who stands behind a hit's event, as far as it is known.</summary>
    public ActorChain? Behind(Hit hit) => SessionFields.Chain(new EventContext(_records.Root(hit.Record), new Past(_history, DateTimeOffset.MaxValue)));

    /// <summary>Whether the hit's rule is met.</summary>
    public bool Meets(WaitingHit waiting) =>
        _questions.TryGetValue(waiting.For.Key, out var question) && question.Value.IsMet(waiting.Hit.Record, new Past(_history, waiting.Time), _records);

    /// <summary>A rule's condition, with history.</summary>
    private sealed class Question
    {
        private readonly FieldReader _fields;
        private readonly MatchScratch _scratch;
        private readonly Compiled _condition;

        public Question(Condition condition)
        {
            _fields = new FieldReader(Implied.Fields(condition));
            var predicates = new PredicateTable(_fields.Numbers);
            _condition = Compiled.From(condition, predicates);
            _scratch = new MatchScratch(predicates.ToArray(), []);
        }

        public bool IsMet(ReadOnlyMemory<byte> record, Past past, RecentRecords records)
        {
            _scratch.NextRecord();
            return _condition.Holds(_fields.Read(record.Span, past, _scratch, () => records.Root(record)));
        }
    }
}

using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>
/// What was learned, by entity and name, with what it was shortly before: events that come in another order than they happened leave the same behind, and
/// one that is judged again is told what it was told. Bounded: when there are too many entities those that were touched longest ago, in event time, are forgotten.
/// </summary>
/// <param name="most">How many entities are kept.</param>
internal sealed class Memory(int most = Memory.DefaultMost) : IHistory
{
    /// <summary>More users, roles, keys and policies than any organisation has, and fewer than fill the memory.</summary>
    public const int DefaultMost = 200_000;

    private readonly Dictionary<string, SortedList<string, List<Fact>>> _entities = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);

    // Sessions come by the thousand and end: they must not crowd out what lasts.
    private readonly PriorityQueue<string, DateTimeOffset> _sessions = new();

    /// <summary>What is known of sessions when hits of these rules have come.</summary>
    public static Memory OfSessions(RuleSet rules, IEnumerable<Hit> hits)
    {
        var memory = new Memory();
        _ = new Recall(rules, memory).LearnSessions(hits.OrderBy(hit => hit.Time)).Count();
        return memory;
    }

    /// <summary>Everything that is kept.</summary>
    public IEnumerable<LearnedFact> All =>
        from entity in _entities
        from facts in entity.Value
        from fact in facts.Value
        select new LearnedFact(entity.Key, facts.Key, fact.Value, fact.Time);

    /// <summary>Takes a fact in. Returns whether it was news.</summary>
    public bool Learn(LearnedFact learned)
    {
        if (!_entities.TryGetValue(learned.Entity, out var facts))
        {
            _entities.Add(learned.Entity, facts = new SortedList<string, List<Fact>>(1, StringComparer.Ordinal));
            _names.Add(learned.Entity);
            if (learned.Entity.StartsWith(LearnedFact.OfSession, StringComparison.Ordinal))
            {
                EndSessions(learned.Time);
                _sessions.Enqueue(learned.Entity, learned.Time);
            }
        }
        if (!facts.TryGetValue(learned.Name, out var values))
        {
            facts.Add(learned.Name, values = new List<Fact>(1));
        }
        var at = values.FindLastIndex(fact => fact.Time <= learned.Time);
        var fact = new Fact(learned.Value, learned.Time);
        if (at >= 0 && values[at] == fact)
        {
            return false;
        }
        if (at >= 0 && values[at].Time == learned.Time)
        {
            values[at] = fact;
        }
        else
        {
            values.Insert(at + 1, fact);
        }
        // One that is older than what is kept says what was before.
        values.RemoveRange(0, Math.Max(0, values.FindLastIndex(old => old.Time <= values[^1].Time - LearnedFact.Kept)));
        if (_entities.Count > most)
        {
            Shrink();
        }
        return true;
    }

    /// <inheritdoc/>
    public Fact? Find(string entity, string name, DateTimeOffset asOf) =>
        _entities.TryGetValue(entity, out var facts) && facts.TryGetValue(name, out var values) ? AsOf(facts, values, asOf) : null;

    /// <inheritdoc/>
    public IEnumerable<(string Name, Fact Fact)> Of(string entity, string prefix, DateTimeOffset asOf)
    {
        if (!_entities.TryGetValue(entity, out var facts))
        {
            yield break;
        }
        for (var i = 0; i < facts.Count; i++)
        {
            var name = facts.GetKeyAtIndex(i);
            if (
                name != Entity.Gone
                && name.StartsWith(prefix, StringComparison.Ordinal)
                && AsOf(facts, facts.GetValueAtIndex(i), asOf) is { Value: not null } fact
            )
            {
                yield return (name, fact);
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Entities(string prefix) => _names.GetViewBetween(prefix, prefix + char.MaxValue);

    private static Fact? AsOf(SortedList<string, List<Fact>> facts, List<Fact> values, DateTimeOffset asOf) =>
        Last(values, asOf) is not { } fact ? null
        : facts.TryGetValue(Entity.Gone, out var ends) && Last(ends, asOf) is { } end && end.Time >= fact.Time ? new Fact(null, end.Time)
        : fact;

    private static Fact? Last(List<Fact> values, DateTimeOffset asOf)
    {
        for (var i = values.Count - 1; i >= 0; i--)
        {
            if (values[i].Time <= asOf)
            {
                return values[i];
            }
        }
        return null;
    }

    private void EndSessions(DateTimeOffset now)
    {
        while (_sessions.TryPeek(out var session, out var begun) && begun < now - LearnedFact.SessionKept)
        {
            _sessions.Dequeue();
            _entities.Remove(session);
            _names.Remove(session);
        }
    }

    private void Shrink()
    {
        var oldest = _entities.OrderBy(entity => entity.Value.Values.Max(values => values[^1].Time)).Take(most / 10).Select(entity => entity.Key).ToList();
        foreach (var entity in oldest)
        {
            _entities.Remove(entity);
            _names.Remove(entity);
        }
    }
}

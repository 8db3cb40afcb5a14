using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>
/// What was learned, by entity and name, with what it was shortly before: events that come in another order than they happened leave the same behind, and
/// one that is judged again is told what it was told. Bounded: of too many sessions those are forgotten that began first, and of too many other facts those that
/// are so no more, then all of the entities that were touched longest ago, in event time. A part of what an entity was granted is never taken for all.
/// </summary>
/// <param name="forgotten">Told of each fact that is forgotten.</param>
/// <param name="most">How much is kept, sessions aside (<see cref="EntityFacts.Size"/>).</param>
/// <param name="mostSessions">How many sessions are kept.</param>
internal sealed class Memory(Action<FactKey>? forgotten = null, int most = Memory.DefaultMost, int mostSessions = Memory.DefaultMostSessions) : IHistory
{
    /// <summary>
    /// More facts than an organisation's users, roles, keys and policies have, and fewer than fill the memory: 150 MB, and up to a third more where they are grants of
    /// customers' policies and somebody asks for administrators.
    /// </summary>
    public const int DefaultMost = 300_000;

    /// <summary>Sessions come by the hundred thousand a day where many services take roles. Most last an hour. So many take 85 MB.</summary>
    public const int DefaultMostSessions = 100_000;

    private readonly Dictionary<string, EntityFacts> _entities = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal); // of what lasts: nobody looks for sessions
    private readonly PriorityQueue<string, DateTimeOffset> _sessions = new();
    private AdministratorCounts? _administrators; // once somebody asks
    private DateTimeOffset _newestGrant;
    private int _size; // of what lasts

    /// <summary>Whether so much is known that something had to be forgotten which may still be so.</summary>
    public bool IsCrowded { get; private set; }

    /// <summary>What is known of sessions when hits of these rules have come.</summary>
    public static Memory OfSessions(RuleSet rules, IEnumerable<Hit> hits)
    {
        var memory = new Memory();
        _ = new Recall(rules, memory).LearnSessions(hits.OrderBy(hit => hit.Time)).Count();
        return memory;
    }

    /// <summary>Takes a fact in. Returns whether it was news, and is kept.</summary>
    public bool Learn(LearnedFact learned)
    {
        var isSession = learned.Entity.StartsWith(LearnedFact.OfSession, StringComparison.Ordinal);
        if (!_entities.TryGetValue(learned.Entity, out var facts))
        {
            _entities.Add(learned.Entity, facts = new EntityFacts(learned.Entity));
            if (isSession)
            {
                EndSessions(learned.Time);
                _sessions.Enqueue(learned.Entity, learned.Time);
            }
            else
            {
                _names.Add(learned.Entity);
            }
        }
        var before = facts.Size;
        var isNews = facts.Learn(learned.Name, new Fact(learned.Value, learned.Time), forgotten);
        if (!isSession)
        {
            _size += facts.Size - before;
            _newestGrant = KnownGrants.Decides(learned.Name) && learned.Time > _newestGrant ? learned.Time : _newestGrant;
            _administrators?.Changed(facts.About);
        }
        if (facts.Size == 0 && !isSession)
        {
            // Its only fact is larger than all of an entity's may be.
            Forget(facts);
        }
        if (_size <= most)
        {
            return isNews;
        }
        Shrink();
        return isNews && facts.Holds(learned.Name, learned.Time);
    }

    /// <inheritdoc/>
    public Fact? Find(string entity, string name, DateTimeOffset asOf) => _entities.TryGetValue(entity, out var facts) ? facts.Find(name, asOf) : null;

    /// <inheritdoc/>
    public IEnumerable<(string Name, Fact Fact)> Of(string entity, string prefix, DateTimeOffset asOf) =>
        _entities.TryGetValue(entity, out var facts) ? facts.Of(prefix, asOf) : [];

    /// <inheritdoc/>
    public IEnumerable<string> Entities(string prefix) => _names.GetViewBetween(prefix, prefix + char.MaxValue);

    /// <inheritdoc/>
    public long? Administrators(string account, DateTimeOffset asOf)
    {
        // What comes late is told what was so then. No account has a space, which ends its name in those of its users.
        if (asOf < _newestGrant || account.Contains(' ', StringComparison.Ordinal))
        {
            return null;
        }
        if (_administrators is null)
        {
            _administrators = new AdministratorCounts(this);
            foreach (var entity in _names)
            {
                _administrators.Changed(entity);
            }
        }
        return _administrators.Of(account);
    }

    private void EndSessions(DateTimeOffset now)
    {
        while (_sessions.TryPeek(out var session, out var begun) && (begun < now - LearnedFact.SessionKept || _sessions.Count >= mostSessions))
        {
            _sessions.Dequeue();
            Forget(_entities[session]);
        }
    }

    /// <summary>Forgets a tenth, so that it is seldom gone through everything.</summary>
    private void Shrink()
    {
        var kept = most - most / 10;
        EntityFacts[] lasting = [.. _names.Select(name => _entities[name])];
        if (EntityFacts.Oldest(lasting.SelectMany(facts => facts.Times(onlyPast: true)), _size - kept) is { } until)
        {
            foreach (var facts in lasting)
            {
                var before = facts.Size;
                facts.Forget(until, onlyPast: true, forgotten);
                if (facts.Size == before)
                {
                    continue;
                }
                _size += facts.Size - before;
                _administrators?.Changed(facts.About);
                if (facts.Size == 0)
                {
                    Forget(facts);
                }
            }
        }
        foreach (var facts in lasting.Where(facts => facts.Size > 0).OrderBy(facts => facts.Touched))
        {
            if (_size <= kept)
            {
                break;
            }
            IsCrowded = true;
            _size -= facts.Size;
            Forget(facts);
        }
    }

    private void Forget(EntityFacts facts)
    {
        _entities.Remove(facts.About);
        if (_names.Remove(facts.About))
        {
            _administrators?.Changed(facts.About);
        }
        facts.Forget(DateTimeOffset.MaxValue, onlyPast: false, forgotten);
    }
}

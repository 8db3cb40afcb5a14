using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>
/// What was learned of one entity, with what it was shortly before. Bounded: whoever may write policies may write and delete them without end. Of too many facts
/// the oldest are forgotten, and those that are so no more before all others.
/// </summary>
/// <param name="entity">What it is about.</param>
/// <param name="most">How many facts are kept.</param>
internal sealed class EntityFacts(string entity, int most = EntityFacts.DefaultMost)
{
    /// <summary>No user, group, role or policy has a fifth as many policies, groups, keys, devices and versions at a time (IAM User Guide, "IAM and AWS STS quotas").</summary>
    public const int DefaultMost = 1_000;

    private readonly SortedList<string, List<Fact>> _facts = new(1, StringComparer.Ordinal);

    /// <summary>What it is about.</summary>
    public string Entity => entity;

    /// <summary>How many facts are kept, with those that are so no more.</summary>
    public int Count { get; private set; }

    /// <summary>When the newest came to be so.</summary>
    public DateTimeOffset Touched => _facts.Values.Max(values => values[^1].Time);

    /// <summary>Takes a fact in. Returns whether it was news, and is kept.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="fact">What it is.</param>
    /// <param name="forgotten">Told of each that is forgotten for it.</param>
    public bool Learn(string name, Fact fact, Action<FactKey>? forgotten)
    {
        if (!_facts.TryGetValue(name, out var values))
        {
            _facts.Add(name, values = new List<Fact>(1));
        }
        var at = values.FindLastIndex(known => known.Time <= fact.Time);
        if (at >= 0 && values[at] == fact)
        {
            return false;
        }
        if (at >= 0 && values[at].Time == fact.Time)
        {
            values[at] = fact;
            return true;
        }
        // Nobody asks any more for what was before the last that is older than what is kept.
        if (at + 1 < values.Count && values[at + 1].Time <= values[^1].Time - LearnedFact.Kept)
        {
            return false;
        }
        values.Insert(at + 1, fact);
        Count++;
        Forget(name, values, values.FindLastIndex(old => old.Time <= values[^1].Time - LearnedFact.Kept), forgotten);
        if (Count <= most)
        {
            return true;
        }
        Trim(forgotten);
        return Holds(name, fact.Time);
    }

    /// <summary>Whether a fact is kept.</summary>
    public bool Holds(string name, DateTimeOffset time) => _facts.TryGetValue(name, out var values) && values.Exists(fact => fact.Time == time);

    /// <inheritdoc cref="IHistory.Find"/>
    public Fact? Find(string name, DateTimeOffset asOf) => _facts.TryGetValue(name, out var values) ? AsOf(values, asOf) : null;

    /// <inheritdoc cref="IHistory.Of"/>
    public IEnumerable<(string Name, Fact Fact)> Of(string prefix, DateTimeOffset asOf)
    {
        for (var i = 0; i < _facts.Count; i++)
        {
            var name = _facts.GetKeyAtIndex(i);
            if (
                name != Rules.Fields.Entity.Gone
                && name.StartsWith(prefix, StringComparison.Ordinal)
                && AsOf(_facts.GetValueAtIndex(i), asOf) is { Value: not null } fact
            )
            {
                yield return (name, fact);
            }
        }
    }

    /// <summary>When its facts came to be so.</summary>
    /// <param name="onlyPast">Whether only of those that are so no more: others have taken their places, or what they told of is gone.</param>
    public IEnumerable<DateTimeOffset> Times(bool onlyPast)
    {
        var past = Past();
        return from fact in _facts from value in fact.Value.SkipLast(onlyPast && !past(fact.Key, fact.Value[^1]) ? 1 : 0) select value.Time;
    }

    /// <summary>Forgets the facts that came to be so until an instant.</summary>
    /// <inheritdoc cref="Times"/>
    /// <param name="until">The instant.</param>
    /// <param name="onlyPast">Whether only those that are so no more.</param>
    /// <param name="forgotten">Told of each.</param>
    public void Forget(DateTimeOffset until, bool onlyPast, Action<FactKey>? forgotten)
    {
        var past = Past();
        for (var i = _facts.Count - 1; i >= 0; i--)
        {
            var (name, values) = (_facts.GetKeyAtIndex(i), _facts.GetValueAtIndex(i));
            var old = values.FindLastIndex(value => value.Time <= until) + 1;
            Forget(name, values, old == values.Count && onlyPast && !past(name, values[^1]) ? old - 1 : old, forgotten);
            if (values.Count == 0)
            {
                _facts.RemoveAt(i);
            }
        }
    }

    private void Trim(Action<FactKey>? forgotten)
    {
        var kept = most - most / 10;
        foreach (var onlyPast in (bool[])[true, false])
        {
            if (Count > kept && Times(onlyPast).Order().Take(Count - kept).ToArray() is [.., var until])
            {
                Forget(until, onlyPast, forgotten);
            }
        }
    }

    private void Forget(string name, List<Fact> values, int first, Action<FactKey>? forgotten)
    {
        for (var i = 0; i < first; i++)
        {
            forgotten?.Invoke(new FactKey(entity, name, values[i].Time));
        }
        if (first > 0)
        {
            values.RemoveRange(0, first);
            Count -= first;
        }
    }

    /// <summary>Tells whether the newest of a name is so no more. That all was gone stays known while something is so since.</summary>
    private Func<string, Fact, bool> Past()
    {
        var gone = _facts.TryGetValue(Rules.Fields.Entity.Gone, out var ends) ? ends[^1].Time : (DateTimeOffset?)null;
        var isAll = _facts.All(fact => fact.Key == Rules.Fields.Entity.Gone || IsPast(fact.Value[^1]));
        return (name, newest) => name == Rules.Fields.Entity.Gone ? isAll : IsPast(newest);

        bool IsPast(Fact newest) => newest.Value is null || newest.Time <= gone;
    }

    private Fact? AsOf(List<Fact> values, DateTimeOffset asOf) =>
        Last(values, asOf) is not { } fact ? null
        : _facts.TryGetValue(Rules.Fields.Entity.Gone, out var ends) && Last(ends, asOf) is { } end && end.Time >= fact.Time ? new Fact(null, end.Time)
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
}

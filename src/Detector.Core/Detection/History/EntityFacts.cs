using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>
/// What was learned of one entity, with what it was shortly before. Bounded: whoever may write policies may write and delete them without end. Of too many facts
/// the oldest are forgotten, and those that are so no more before all others.
/// </summary>
/// <param name="entity">What it is about.</param>
/// <param name="most">How much is kept (<see cref="Size"/>).</param>
internal sealed class EntityFacts(string entity, int most = EntityFacts.DefaultMost)
{
    /// <summary>More than a user, group, role or policy has of policies, groups, keys, devices and versions at a time (IAM User Guide, "IAM and AWS STS quotas").</summary>
    public const int DefaultMost = 1_000;

    /// <summary>So many characters of a name and a value take no more room than what a fact takes besides.</summary>
    private const int UsualText = 256;

    private readonly SortedList<string, List<Fact>> _facts = new(1, StringComparer.Ordinal);

    /// <summary>What it is about.</summary>
    public string About => entity;

    /// <summary>How much is kept: the number of facts, of which one with a long text, such as what a large policy allows, counts as several.</summary>
    public int Size { get; private set; }

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
            if (values[at].Value is null != fact.Value is null && fact.Value is null == WasSo(name, values, fact.Time))
            {
                return false;
            }
            Size += SizeOf(name, fact) - SizeOf(name, values[at]);
            values[at] = fact;
            return true;
        }
        // Nobody asks any more for what was before the last that is older than what is kept.
        if (at + 1 < values.Count && values[at + 1].Time <= values[^1].Time - LearnedFact.Kept)
        {
            forgotten?.Invoke(new FactKey(entity, name, fact.Time));
            return false;
        }
        values.Insert(at + 1, fact);
        Size += SizeOf(name, fact);
        Forget(name, values, values.FindLastIndex(old => old.Time <= values[^1].Time - LearnedFact.Kept), forgotten);
        if (Size <= most)
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
            if (name != Entity.Gone && name.StartsWith(prefix, StringComparison.Ordinal) && AsOf(_facts.GetValueAtIndex(i), asOf) is { Value: not null } fact)
            {
                yield return (name, fact);
            }
        }
    }

    /// <summary>When its facts came to be so, with their sizes.</summary>
    /// <param name="onlyPast">Whether only of those that are so no more: others have taken their places, or what they told of is gone.</param>
    public IEnumerable<(DateTimeOffset Time, int Size)> Times(bool onlyPast)
    {
        var past = Past();
        return from fact in _facts
            from value in fact.Value.SkipLast(onlyPast && !past(fact.Key, fact.Value[^1]) ? 1 : 0)
            select (value.Time, SizeOf(fact.Key, value));
    }

    /// <summary>The instant until which the oldest of some facts make up a size, or all of them if they are less; null if there are none.</summary>
    public static DateTimeOffset? Oldest(IEnumerable<(DateTimeOffset Time, int Size)> times, int size)
    {
        DateTimeOffset? until = null;
        foreach (var fact in times.OrderBy(fact => fact.Time))
        {
            if (size <= 0)
            {
                break;
            }
            until = fact.Time;
            size -= fact.Size;
        }
        return until;
    }

    /// <summary>Forgets the facts that came to be so until an instant.</summary>
    /// <remarks>
    /// That it was made before our eyes is forgotten first, so that a part of what it was granted is never taken for all: wherever a ledger was cut off in between, and
    /// whoever asks what was so a while ago.
    /// </remarks>
    /// <inheritdoc cref="Times"/>
    /// <param name="until">The instant.</param>
    /// <param name="onlyPast">Whether only those that are so no more.</param>
    /// <param name="forgotten">Told of each.</param>
    public void Forget(DateTimeOffset until, bool onlyPast, Action<FactKey>? forgotten)
    {
        if (_facts.Count == 0)
        {
            return;
        }
        var past = Past();
        var asked = Touched - LearnedFact.Kept;
        var all = _facts.Select(fact => (Name: fact.Key, Values: fact.Value, Old: Old(fact.Key, fact.Value))).ToList();
        var leavesPart = all.Exists(fact =>
            KnownGrants.Is(fact.Name) && fact.Values.Take(fact.Old).Any(value => value.Value is not null && value.Time > asked)
        );
        foreach (var (name, values, old) in all.OrderBy(fact => fact.Name != Entity.Created))
        {
            Forget(name, values, leavesPart && name == Entity.Created ? values.Count : old, forgotten);
            if (values.Count == 0)
            {
                _facts.Remove(name);
            }
        }

        int Old(string name, List<Fact> values)
        {
            var old = values.FindLastIndex(value => value.Time <= until) + 1;
            return old == values.Count && onlyPast && !past(name, values[^1]) ? old - 1 : old;
        }
    }

    private static int SizeOf(string name, Fact fact) => 1 + (name.Length + (fact.Value?.Length ?? 0)) / UsualText;

    private void Trim(Action<FactKey>? forgotten)
    {
        var kept = most - most / 10;
        foreach (var onlyPast in (bool[])[true, false])
        {
            if (Oldest(Times(onlyPast), Size - kept) is { } until)
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
            Size -= SizeOf(name, values[i]);
        }
        values.RemoveRange(0, Math.Max(0, first));
    }

    /// <summary>Tells whether the newest of a name is so no more. That all was gone stays known while something is so since.</summary>
    private Func<string, Fact, bool> Past()
    {
        var gone = _facts.TryGetValue(Entity.Gone, out var ends) ? ends[^1].Time : (DateTimeOffset?)null;
        var isAll = _facts.All(fact => fact.Key == Entity.Gone || IsPast(fact.Value[^1]));
        return (name, newest) => name == Entity.Gone ? isAll : IsPast(newest);

        bool IsPast(Fact newest) => newest.Value is null || (gone is { } end && IsOver(newest, end));
    }

    private Fact? AsOf(List<Fact> values, DateTimeOffset asOf) =>
        Last(values, asOf) is not { } fact ? null
        : _facts.TryGetValue(Entity.Gone, out var ends) && Last(ends, asOf) is { } end && IsOver(fact, end.Time) ? new Fact(null, end.Time)
        : fact;

    /// <summary>
    /// CloudTrail tells whole seconds, so of two events of one second nothing tells which came first but what was so before: only what is there can be taken away, and
    /// was then given anew. What was not there was given, and taken away again. What is not known is taken for there, but not of an entity that is known from its
    /// making on, nor of the making.
    /// </summary>
    private bool WasSo(string name, List<Fact> values, DateTimeOffset time) =>
        AsOf(values, time.AddTicks(-1)) is { } before
            ? before.Value is not null
            : name != Entity.Created && Find(Entity.Created, time) is not { Value: not null };

    /// <summary>Whether a fact is so no more, because all was gone. If the entity was there before, facts of the same second are those of one that was made anew.</summary>
    private bool IsOver(Fact fact, DateTimeOffset gone) => gone > fact.Time || (gone == fact.Time && !WasThere(gone.AddTicks(-1)));

    private bool WasThere(DateTimeOffset time) => _facts.Any(known => known.Key != Entity.Gone && AsOf(known.Value, time) is { Value: not null });

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

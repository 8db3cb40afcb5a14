using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Adapters.Spills;

/// <summary>Keeps the hits of a replay until all are found, and gives them back in <see cref="Replay.HitOrder"/>. Bounded in memory, not on disk.</summary>
/// <param name="rules">The rules that made them.</param>
/// <param name="folder">Where a temporary file may lie.</param>
/// <param name="budget">Bytes of memory.</param>
public sealed class HitStore(RuleSet rules, string folder, long budget = HitStore.DefaultBudget) : IDisposable
{
    /// <summary>Bytes of memory that suffice for some thousand hits.</summary>
    public const long DefaultBudget = 2 * 1024 * 1024;

    private readonly SpillSort<ArraySegment<Hit>> _sort = new(new Form(rules), folder, budget);

    /// <summary>Whether some of them are on disk.</summary>
    public bool HasSpilled => _sort.HasSpilled;

    /// <summary>Takes hits in, those of one record together; safe to call from many threads.</summary>
    /// <exception cref="Sqlite.StorageException">They cannot be put aside.</exception>
    public void Add(IReadOnlyList<Hit> hits)
    {
        var all = hits.ToArray();
        for (int start = 0, end; start < all.Length; start = end)
        {
            end = start + 1;
            while (end < all.Length && all[end].Record.Equals(all[start].Record))
                end++;
            _sort.Add(new ArraySegment<Hit>(all, start, end - start));
        }
    }

    /// <summary>All of them, when no more come.</summary>
    /// <exception cref="Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<Hit> InOrder() => _sort.InOrder().SelectMany(hits => hits);

    /// <inheritdoc/>
    public void Dispose() => _sort.Dispose();

    /// <summary>The hits of one record are one thing: they follow each other in the order.</summary>
    private sealed class Form : ISpillForm<ArraySegment<Hit>>
    {
        private const int MaxOrigins = 4096;

        private readonly DetectionRule[] _rules;
        private readonly Dictionary<string, int> _ranks;

        // Many hits come from one file, and an alert keeps the name with each event.
        private readonly HashSet<string> _origins = new(StringComparer.Ordinal);

        public Form(RuleSet rules)
        {
            _rules = [.. rules.Tried.OrderBy(rule => rule.Key, StringComparer.Ordinal)];
            _ranks = _rules.Index().ToDictionary(rule => rule.Item.Key, rule => rule.Index, StringComparer.Ordinal);
        }

        public void WriteKey(ArraySegment<Hit> item, SpillBuffer to)
        {
            to.AddOrdered(item[0].Time);
            to.AddOrdered(item[0].Event.Value);
            to.AddOrdered(item[0].Origin);
            to.AddOrdered(item[0].Index);
            to.AddOrdered(item.Min(Rank));
        }

        public void WriteRest(ArraySegment<Hit> item, SpillBuffer to)
        {
            to.AddNumber(item[0].Record.Length);
            to.Add(item[0].Record.Span);
            to.AddNumber(item.Count);
            foreach (var hit in item.OrderBy(Rank))
            {
                to.AddNumber(Rank(hit));
                to.AddNumber(hit.Groups?.Count ?? -1);
                foreach (var group in hit.Groups ?? [])
                    to.AddNumber(group);
            }
        }

        public ArraySegment<Hit> Read(SpillBytes key, SpillBytes rest)
        {
            var time = key.TakeOrderedTime();
            var identity = new EventIdentity(key.TakeOrderedText());
            var origin = Once(key.TakeOrderedText());
            var index = key.TakeOrderedNumber();
            var record = rest.Take(rest.TakeNumber()).ToArray();
            var hits = new Hit[rest.TakeNumber()];
            foreach (ref var hit in hits.AsSpan())
                hit = new Hit(_rules[rest.TakeNumber()], identity, time, record, origin, index) { Groups = Groups(ref rest) };
            return hits;
        }

        private static int[]? Groups(ref SpillBytes rest)
        {
            if (rest.TakeNumber() is not (>= 0 and var count))
                return null;
            var groups = new int[count];
            foreach (ref var group in groups.AsSpan())
                group = rest.TakeNumber();
            return groups;
        }

        private int Rank(Hit hit) => _ranks[hit.Rule.Key];

        private string Once(string origin)
        {
            if (_origins.TryGetValue(origin, out var known))
                return known;
            if (_origins.Count == MaxOrigins)
                _origins.Clear();
            _origins.Add(origin);
            return origin;
        }
    }
}

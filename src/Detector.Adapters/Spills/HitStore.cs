using System.Buffers;
using System.Text;
using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Adapters.Spills;

/// <summary>Keeps the hits of a replay until all are found, and gives them back in <see cref="Replay.HitOrder"/>. Bounded in memory, not on disk.</summary>
public sealed class HitStore : IDisposable
{
    /// <summary>Bytes of memory that suffice for some thousand hits.</summary>
    public const long DefaultBudget = 2 * 1024 * 1024;

    private const int UsualEntry = 512;

    // Most records are never asked for again, so they are not put into order with their hits.
    private readonly SpillLog _records;
    private readonly Form _form;
    private readonly SpillSort<ArraySegment<Hit>> _sort;

    /// <param name="rules">The rules that made them.</param>
    /// <param name="folder">Where temporary files may lie.</param>
    /// <param name="budget">Bytes of memory.</param>
    public HitStore(RuleSet rules, string folder, long budget = DefaultBudget)
    {
        _records = new SpillLog(folder, budget / 2);
        _form = new Form(rules, _records);
        _sort = new SpillSort<ArraySegment<Hit>>(_form, folder, budget / 2);
    }

    /// <summary>Whether some of them are on disk.</summary>
    public bool HasSpilled => _records.HasSpilled || _sort.HasSpilled;

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
    /// <param name="prospects">
    /// Has counted them, if it is there. Hits that cannot come to anything are left out then, but for those of records that are there twice: whoever counts these
    /// has to see them.
    /// </param>
    /// <exception cref="Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<Hit> InOrder(Prospects? prospects = null)
    {
        var sorted = _sort.Sorted();
        // The hits before, and whether some of them may have been left out.
        var before = new SpillBuffer(UsualEntry);
        var (keyEnd, isPart) = (0, false);
        while (sorted.Next())
        {
            var isAgain = keyEnd > 0 && Form.IsSame(before.Written[..keyEnd], sorted.Key);
            if (isAgain && isPart)
            {
                foreach (var hit in _form.Read(new SpillBytes(before.Written[..keyEnd]), new SpillBytes(before.Written[keyEnd..]), prospects, mayCount: false))
                    yield return hit;
            }
            isPart = prospects is not null && !isAgain;
            before.Clear();
            before.Add(sorted.Key);
            keyEnd = before.Length;
            before.Add(sorted.Rest);
            foreach (var hit in _form.Read(new SpillBytes(sorted.Key), new SpillBytes(sorted.Rest), isPart ? prospects : null, mayCount: true))
                yield return hit;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sort.Dispose();
        _records.Dispose();
    }

    /// <summary>The hits of one record are one thing: they follow each other in the order.</summary>
    private sealed class Form : ISpillForm<ArraySegment<Hit>>
    {
        private const int MaxOrigins = 4096;
        private const int UsualOrigin = 512;

        private readonly SpillLog _records;
        private readonly DetectionRule[] _rules;
        private readonly Dictionary<string, int> _ranks;
        private readonly Comparison<Hit> _byRank;

        // Many hits come from one file, and an alert keeps the name with each event.
        private readonly HashSet<string> _origins = new(StringComparer.Ordinal);
        private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _knownOrigins;

        public Form(RuleSet rules, SpillLog records)
        {
            _records = records;
            _knownOrigins = _origins.GetAlternateLookup<ReadOnlySpan<char>>();
            _rules = [.. rules.Tried.OrderBy(rule => rule.Key, StringComparer.Ordinal)];
            _ranks = _rules.Index().ToDictionary(rule => rule.Item.Key, rule => rule.Index, StringComparer.Ordinal);
            _byRank = (a, b) => Rank(a).CompareTo(Rank(b));
        }

        /// <summary>Whether two keys are of one time and event.</summary>
        public static bool IsSame(ReadOnlySpan<byte> key, ReadOnlySpan<byte> other)
        {
            var one = new SpillBytes(key);
            var two = new SpillBytes(other);
            return one.TakeOrderedTime() == two.TakeOrderedTime() && one.TakeOrderedBytes().SequenceEqual(two.TakeOrderedBytes());
        }

        public void WriteKey(ArraySegment<Hit> item, SpillBuffer to)
        {
            if (item.Count > 1)
                item.AsSpan().Sort(_byRank);
            to.AddOrdered(item[0].Time);
            to.AddOrdered(item[0].Event.Value);
            to.AddOrdered(item[0].Origin);
            to.AddOrdered(item[0].Index);
            to.AddOrdered(Rank(item[0]));
        }

        public void WriteRest(ArraySegment<Hit> item, SpillBuffer to)
        {
            // Things are added one at a time.
            to.AddPlace(_records.Add(item[0].Record.Span));
            to.AddNumber(item[0].Record.Length);
            to.AddNumber(item.Count);
            foreach (var hit in item)
            {
                to.AddNumber(Rank(hit));
                to.AddNumber(hit.Groups?.Length ?? -1);
                to.AddNumbers(hit.Groups is { } groups ? groups.Span : []);
            }
        }

        public ArraySegment<Hit> Read(SpillBytes key, SpillBytes rest) => Read(key, rest, null, mayCount: true);

        /// <summary>Reads hits of a record back, and the record only if there are some.</summary>
        /// <param name="key">Their key.</param>
        /// <param name="rest">The rest of them.</param>
        /// <param name="prospects">Tells which may come to anything; null if all may.</param>
        /// <param name="mayCount">Whether these are wanted, or the others.</param>
        public ArraySegment<Hit> Read(SpillBytes key, SpillBytes rest, Prospects? prospects, bool mayCount)
        {
            var time = key.TakeOrderedTime();
            var place = rest.TakePlace();
            var length = rest.TakeNumber();
            var (hits, wanted) = (Array.Empty<Hit>(), 0);
            var (identity, record, origin, index) = (default(EventIdentity), Array.Empty<byte>(), "", 0);
            for (var left = rest.TakeNumber(); left > 0; left--)
            {
                var rule = _rules[rest.TakeNumber()];
                var count = rest.TakeNumber();
                var groups = rest.TakeNumbers(Math.Max(count, 0));
                if (prospects is not null && (time is null || count < 0 || prospects.MayCount(rule, time.Value, groups)) != mayCount)
                    continue;
                if (wanted == 0)
                {
                    hits = new Hit[left];
                    (identity, origin, index) = (new EventIdentity(key.TakeOrderedText()), Once(key.TakeOrderedBytes()), key.TakeOrderedNumber());
                    record = Record(place, length);
                }
                hits[wanted++] = new Hit(rule, identity, time, record, origin, index) { Groups = Groups(count, groups) };
            }
            return new ArraySegment<Hit>(hits, 0, wanted);
        }

        private static ReadOnlyMemory<int>? Groups(int count, ReadOnlySpan<int> groups)
        {
            // As one expression its null would be that of an array: no groups, in place of nobody who asks for them.
            if (count < 0)
                return null;
            return groups.ToArray();
        }

        private byte[] Record(long place, int length)
        {
            var record = GC.AllocateUninitializedArray<byte>(length);
            _records.Read(record, place);
            return record;
        }

        private int Rank(Hit hit) => _ranks[hit.Rule.Key];

        private string Once(ReadOnlySpan<byte> origin)
        {
            Span<char> text = stackalloc char[UsualOrigin];
            if (Ascii.ToUtf16(origin, text, out var length) is OperationStatus.Done && _knownOrigins.TryGetValue(text[..length], out var known))
                return known;
            if (_origins.Count == MaxOrigins)
                _origins.Clear();
            var read = OrderedText.Read(origin);
            _origins.Add(read);
            return read;
        }
    }
}

using System.Text;

namespace Detector.Core.Detection.Surveys;

/// <summary>How often some names came; of too many names the first are kept. For one thread.</summary>
/// <remarks>There are many of these. Each lies in three arrays, so that the garbage collector has little to do with them.</remarks>
public sealed class NameCounts
{
    /// <summary>Names that are kept.</summary>
    public const int Most = 200;

    // Longer ones are none of AWS's.
    private const int LongestName = 4096;

    private Counted[] _counts = [];
    private byte[] _names = []; // one behind the other
    private byte[] _places = []; // by hash: the number of a name and one, or nothing
    private int _last; // of what comes once, much comes again next

    /// <summary>How many names are kept.</summary>
    public int Count { get; private set; }

    /// <summary>Names with their counts, the most frequent first.</summary>
    public IReadOnlyList<(string Name, long Count)> Ordered =>
        [
            .. _counts
                .Take(Count)
                .Select(one => (Name: Encoding.UTF8.GetString(Text(one)), one.Count))
                .OrderByDescending(one => one.Count)
                .ThenBy(one => one.Name, StringComparer.Ordinal),
        ];

    /// <param name="name">UTF-8; empty for none.</param>
    /// <param name="count">How often it came.</param>
    internal void Add(ReadOnlySpan<byte> name, long count = 1) => Add(NumberOf(name), count);

    /// <param name="number">The number of a name, or -1.</param>
    /// <param name="count">How often it came.</param>
    internal void Add(int number, long count = 1)
    {
        if (number >= 0)
            _counts[number].Count += count;
    }

    internal void Add(NameCounts other)
    {
        foreach (var one in other._counts.AsSpan(0, other.Count))
            Add(other.Text(one), one.Count);
    }

    /// <summary>The number by which a name is counted; -1 if it is none, or there are too many already.</summary>
    internal int NumberOf(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > LongestName)
            return -1;
        if (Count > 0 && name.SequenceEqual(Text(_counts[_last])))
            return _last;
        var hash = (uint)GroupKey.Hash(name);
        if (2 * Count >= _places.Length && Count < Most)
            Widen();
        ref var place = ref PlaceOf(name, hash);
        if (place == 0)
        {
            if (Count == Most)
                return -1;
            Arrays.Reserve(ref _counts, Count + 1);
            var start = Count > 0 ? _counts[Count - 1].End : 0;
            Arrays.Reserve(ref _names, start + name.Length);
            name.CopyTo(_names.AsSpan(start));
            _counts[Count] = new Counted(hash, start, start + name.Length);
            place = (byte)++Count;
        }
        return _last = place - 1;
    }

    /// <summary>Where a name's number is, or would be.</summary>
    private ref byte PlaceOf(ReadOnlySpan<byte> name, uint hash)
    {
        for (var at = hash; ; at++)
        {
            ref var place = ref _places[at & (uint)(_places.Length - 1)];
            if (place == 0 || (_counts[place - 1].Hash == hash && name.SequenceEqual(Text(_counts[place - 1]))))
                return ref place;
        }
    }

    private void Widen()
    {
        _places = new byte[Math.Max(4, 2 * _places.Length)];
        for (var number = 0; number < Count; number++)
            PlaceOf(Text(_counts[number]), _counts[number].Hash) = (byte)(number + 1);
    }

    private ReadOnlySpan<byte> Text(in Counted one) => _names.AsSpan(one.Start, one.End - one.Start);

    private record struct Counted(uint Hash, int Start, int End)
    {
        public long Count { get; set; }
    }
}

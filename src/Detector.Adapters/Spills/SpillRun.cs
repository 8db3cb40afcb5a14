using System.Buffers.Binary;

namespace Detector.Adapters.Spills;

/// <summary>Goes through things in their order, as bytes.</summary>
internal interface ISpillCursor
{
    /// <summary>Moves to the next; false at the end.</summary>
    bool Next();

    /// <summary>The bytes that put the thing at hand into order.</summary>
    ReadOnlySpan<byte> Key { get; }

    /// <summary>Its others.</summary>
    ReadOnlySpan<byte> Rest { get; }
}

/// <summary>Things in memory, put into order when all are there.</summary>
/// <param name="room">Bytes that are sure to be needed.</param>
internal sealed class SpillChunk(int room) : IComparer<SpillChunk.Place>
{
    private readonly SpillBuffer _bytes = new(room);
    private readonly List<Place> _places = [];

    /// <summary>Bytes of memory.</summary>
    public int Length => _bytes.Length;

    public void Add<T>(T item, ISpillForm<T> form)
    {
        var at = _bytes.Length;
        form.WriteKey(item, _bytes);
        var keyEnd = _bytes.Length;
        form.WriteRest(item, _bytes);
        // The first bytes of a key mostly decide.
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        first.Clear();
        _bytes.Written[at..Math.Min(keyEnd, at + sizeof(ulong))].CopyTo(first);
        _places.Add(new Place(BinaryPrimitives.ReadUInt64BigEndian(first), at, keyEnd, _bytes.Length));
    }

    /// <summary>All of them, in order.</summary>
    public ISpillCursor InOrder()
    {
        _places.Sort(this);
        return new Cursor(this);
    }

    public void Clear()
    {
        _bytes.Clear();
        _places.Clear();
    }

    public int Compare(Place x, Place y) =>
        x.First != y.First ? x.First.CompareTo(y.First) : _bytes.Written[x.At..x.KeyEnd].SequenceCompareTo(_bytes.Written[y.At..y.KeyEnd]);

    internal readonly record struct Place(ulong First, int At, int KeyEnd, int End);

    private sealed class Cursor(SpillChunk chunk) : ISpillCursor
    {
        private int _at = -1;

        public ReadOnlySpan<byte> Key => chunk._bytes.Written[chunk._places[_at].At..chunk._places[_at].KeyEnd];

        public ReadOnlySpan<byte> Rest => chunk._bytes.Written[chunk._places[_at].KeyEnd..chunk._places[_at].End];

        public bool Next() => ++_at < chunk._places.Count;
    }
}

/// <summary>A sorted run in a file: the parts that hold it, one behind the other.</summary>
/// <param name="Parts">Where each begins, and its length.</param>
internal sealed record SpillRun(IReadOnlyList<(long At, int Length)> Parts)
{
    // A merge holds one of each run.
    private const int PartSize = 32 * 1024;

    /// <summary>Writes a run in parts; no thing is cut in two.</summary>
    public static SpillRun Write(SpillFile file, ISpillCursor sorted)
    {
        var part = new SpillBuffer(PartSize);
        var parts = new List<(long, int)>();
        while (sorted.Next())
        {
            if (part.Length > 0 && part.Length + sorted.Key.Length + sorted.Rest.Length > PartSize)
                Put();
            part.AddNumber(sorted.Key.Length);
            part.AddNumber(sorted.Rest.Length);
            part.Add(sorted.Key);
            part.Add(sorted.Rest);
        }
        Put();
        return new SpillRun(parts);

        void Put()
        {
            parts.Add((file.Append(part.Written), part.Length));
            part.Clear();
        }
    }

    /// <summary>Reads it back, part by part.</summary>
    public ISpillCursor Read(SpillFile file) => new Cursor(file, Parts);

    private sealed class Cursor(SpillFile file, IReadOnlyList<(long At, int Length)> parts) : ISpillCursor
    {
        private readonly SpillBuffer _part = new(PartSize);
        private int _nextPart;
        private int _key;
        private int _rest;
        private int _end;

        public ReadOnlySpan<byte> Key => _part.Written[_key.._rest];

        public ReadOnlySpan<byte> Rest => _part.Written[_rest.._end];

        public bool Next()
        {
            if (_end == _part.Length)
            {
                if (_nextPart == parts.Count)
                    return false;
                var (at, length) = parts[_nextPart++];
                _part.Clear();
                file.Read(_part.Add(length), at);
                _end = 0;
            }
            var lengths = new SpillBytes(_part.Written[_end..]);
            _key = _end + 2 * sizeof(int);
            _rest = _key + lengths.TakeNumber();
            _end = _rest + lengths.TakeNumber();
            return true;
        }
    }
}

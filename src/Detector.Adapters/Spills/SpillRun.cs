namespace Detector.Adapters.Spills;

/// <summary>A sorted run: the parts of the file that hold it, one behind the other.</summary>
/// <param name="Parts">Where each begins, and its length.</param>
internal sealed record SpillRun(IReadOnlyList<(long At, int Length)> Parts);

/// <summary>Writes a run in parts; no thing is cut in two.</summary>
internal sealed class SpillWriter : IDisposable
{
    private const int PartSize = 128 * 1024;

    private readonly SpillFile _file;
    private readonly MemoryStream _part = new();
    private readonly List<(long, int)> _parts = [];

    public SpillWriter(SpillFile file)
    {
        _file = file;
        Writer = new BinaryWriter(_part);
    }

    /// <summary>Takes the bytes of one thing after the other.</summary>
    public BinaryWriter Writer { get; }

    /// <summary>A thing is written whole.</summary>
    public void EndOfItem()
    {
        if (_part.Length >= PartSize)
            Put();
    }

    /// <summary>All are written.</summary>
    public SpillRun End()
    {
        if (_part.Length > 0)
            Put();
        return new SpillRun(_parts);
    }

    public void Dispose() => Writer.Dispose();

    private void Put()
    {
        var length = (int)_part.Length;
        _parts.Add((_file.Append(_part.GetBuffer().AsSpan(0, length)), length));
        _part.SetLength(0);
    }
}

/// <summary>Reads a run back, part by part.</summary>
internal sealed class SpillReader(SpillFile file, SpillRun run) : IDisposable
{
    private readonly IEnumerator<(long At, int Length)> _parts = run.Parts.GetEnumerator();
    private BinaryReader _part = new(Stream.Null);

    /// <summary>The bytes of the next thing; null at the run's end. Each is read whole before the next is asked for.</summary>
    public BinaryReader? Next()
    {
        if (_part.BaseStream.Position < _part.BaseStream.Length)
            return _part;
        if (!_parts.MoveNext())
            return null;
        var (at, length) = _parts.Current;
        var bytes = new byte[length];
        file.Read(bytes, at);
        _part.Dispose();
        return _part = new BinaryReader(new MemoryStream(bytes));
    }

    public void Dispose()
    {
        _part.Dispose();
        _parts.Dispose();
    }
}

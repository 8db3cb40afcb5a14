namespace Detector.Adapters.Spills;

/// <summary>A sorted run: the parts of the file that hold it, one behind the other.</summary>
/// <param name="Parts">Where each begins, and its length.</param>
internal sealed record SpillRun(IReadOnlyList<(long At, int Length)> Parts);

/// <summary>Writes a run in parts; no thing is cut in two.</summary>
internal sealed class SpillWriter : IDisposable
{
    // Below the size from which the runtime treats arrays as large ones, and frees them late.
    private const int PartSize = 64 * 1024;

    private readonly SpillFile _file;
    private readonly MemoryStream _part = new(PartSize);
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
        Writer.Flush();
        var length = (int)_part.Length;
        _parts.Add((_file.Append(_part.GetBuffer().AsSpan(0, length)), length));
        _part.SetLength(0);
    }
}

/// <summary>Reads a run back, part by part.</summary>
internal sealed class SpillReader : IDisposable
{
    private readonly SpillFile _file;
    private readonly IEnumerator<(long At, int Length)> _parts;
    private readonly MemoryStream _part = new();
    private readonly BinaryReader _reader;

    public SpillReader(SpillFile file, SpillRun run)
    {
        _file = file;
        _parts = run.Parts.GetEnumerator();
        _reader = new BinaryReader(_part);
    }

    /// <summary>The bytes of the next thing; null at the run's end. Each is read whole before the next is asked for.</summary>
    public BinaryReader? Next()
    {
        if (_part.Position < _part.Length)
            return _reader;
        if (!_parts.MoveNext())
            return null;
        var (at, length) = _parts.Current;
        _part.SetLength(length);
        _part.Position = 0;
        _file.Read(_part.GetBuffer().AsSpan(0, length), at);
        return _reader;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _parts.Dispose();
    }
}

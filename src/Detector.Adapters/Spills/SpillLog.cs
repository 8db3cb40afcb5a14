using Detector.Adapters.Sqlite;

namespace Detector.Adapters.Spills;

/// <summary>Bytes, one thing behind the other, each read back by its place. What has come last is in memory, all before it in a file. One thread at a time.</summary>
/// <param name="folder">Where the file lies, if there has to be one.</param>
/// <param name="budget">Bytes that stay in memory; a thing that is larger does, too.</param>
public sealed class SpillLog(string folder, long budget) : IDisposable
{
    // Memory that nobody writes to costs nothing.
    private const int MostRoom = 1024 * 1024;

    private readonly SpillBuffer _last = new((int)Math.Min(budget, MostRoom));
    private SpillFile? _file;
    private SpillPages? _pages;
    private long _inFile;

    /// <summary>Whether some of it is on disk.</summary>
    public bool HasSpilled => _file is not null;

    /// <summary>Takes bytes in.</summary>
    /// <returns>Their place.</returns>
    /// <exception cref="StorageException">They cannot be put aside.</exception>
    public long Add(ReadOnlySpan<byte> bytes)
    {
        if (_last.Length > 0 && _last.Length + bytes.Length > budget)
        {
            _file ??= new SpillFile(folder);
            _file.Append(_last.Written);
            _inFile += _last.Length;
            _last.Clear();
        }
        _last.Add(bytes);
        return _inFile + _last.Length - bytes.Length;
    }

    /// <summary>Reads bytes back, when no more come.</summary>
    /// <exception cref="StorageException">What was put aside cannot be read.</exception>
    public void Read(Span<byte> into, long place)
    {
        if (place < _inFile)
            (_pages ??= new SpillPages(_file!, _inFile)).Read(into, place);
        else
            _last.Written.Slice((int)(place - _inFile), into.Length).CopyTo(into);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}

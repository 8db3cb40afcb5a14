using Detector.Adapters.Sqlite;

namespace Detector.Adapters.Spills;

/// <summary>
/// Puts any number of things into order. What a few megabytes hold stays in memory; of more, sorted runs go to a file and are merged when they are read. Things
/// lie as bytes from the first, so that the garbage collector has nothing to do with them. Adding is safe from many threads.
/// </summary>
/// <param name="form">How the things lie and are ordered.</param>
/// <param name="folder">Where the file lies, if there has to be one.</param>
/// <param name="budget">Bytes that stay in memory.</param>
internal sealed class SpillSort<T>(ISpillForm<T> form, string folder, long budget) : IDisposable
{
    // So many runs are read at once, each through a buffer of its own.
    private const int MaxMerged = 128;

    // Memory that nobody writes to costs nothing. The last thing may not fit into the budget.
    private const int MostRoom = 2 * 1024 * 1024;
    private const int ForOne = 64 * 1024;

    private readonly Lock _turn = new();
    private readonly List<SpillRun> _runs = [];
    private readonly Stack<SpillChunk> _free = [];
    private SpillChunk? _chunk;
    private SpillFile? _file;

    /// <summary>Whether some of it is on disk.</summary>
    public bool HasSpilled => _file is not null;

    /// <summary>Takes things in.</summary>
    /// <exception cref="StorageException">They cannot be put aside.</exception>
    public void Add(IEnumerable<T> items)
    {
        foreach (var item in items)
            Add(item);
    }

    /// <summary>Takes a thing in.</summary>
    /// <exception cref="StorageException">It cannot be put aside.</exception>
    public void Add(T item)
    {
        SpillChunk full;
        lock (_turn)
        {
            _chunk ??= _free.TryPop(out var free) ? free : NewChunk();
            _chunk.Add(item, form);
            if (_chunk.Length <= budget)
                return;
            _file ??= new SpillFile(folder);
            (full, _chunk) = (_chunk, null);
        }
        // Not while others wait: whoever fills it up writes it.
        var run = SpillRun.Write(_file, full.InOrder());
        full.Clear();
        lock (_turn)
        {
            _runs.Add(run);
            _free.Push(full);
        }
    }

    /// <summary>Everything, in order. Nothing may be added any more; it can be read again.</summary>
    /// <exception cref="StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<T> InOrder()
    {
        var sorted = Sorted();
        while (sorted.Next())
            yield return form.Read(new SpillBytes(sorted.Key), new SpillBytes(sorted.Rest));
    }

    /// <summary>The same, as bytes.</summary>
    /// <exception cref="StorageException">What was put aside cannot be read.</exception>
    public ISpillCursor Sorted()
    {
        _free.Clear();
        while (_runs.Count > MaxMerged)
        {
            var merged = new SpillMerge([.. _runs[..MaxMerged].Select(run => run.Read(_file!))]);
            _runs.RemoveRange(0, MaxMerged);
            _runs.Add(SpillRun.Write(_file!, merged));
        }
        return new SpillMerge([(_chunk ?? NewChunk()).InOrder(), .. _runs.Select(run => run.Read(_file!))]);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private SpillChunk NewChunk() => new((int)Math.Min(budget, MostRoom) + ForOne);
}

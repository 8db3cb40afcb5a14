using Detector.Adapters.Sqlite;

namespace Detector.Adapters.Spills;

/// <summary>
/// Puts any number of things into order. What a few megabytes hold stays in memory; of more, sorted runs go to a file and are merged when they are read. Adding
/// is safe from many threads.
/// </summary>
/// <param name="form">How the things are written and ordered.</param>
/// <param name="folder">Where the file lies, if there has to be one.</param>
/// <param name="budget">Bytes that stay in memory.</param>
internal sealed class SpillSort<T>(ISpillForm<T> form, string folder, long budget) : IDisposable
{
    // So many runs are read at once, each through a buffer of its own.
    private const int MaxMerged = 32;

    private readonly Lock _turn = new();
    private readonly List<SpillRun> _runs = [];
    private List<T> _items = [];
    private long _weight;
    private SpillFile? _file;

    /// <summary>Whether some of it is on disk.</summary>
    public bool HasSpilled => _file is not null;

    /// <summary>Takes things in.</summary>
    /// <exception cref="StorageException">They cannot be put aside.</exception>
    public void Add(IEnumerable<T> items)
    {
        List<T>? full = null;
        lock (_turn)
        {
            foreach (var item in items)
            {
                _items.Add(item);
                _weight += form.Weigh(item);
            }
            if (_weight > budget)
            {
                (full, _items, _weight) = (_items, [], 0);
                _file ??= new SpillFile(folder);
            }
        }
        if (full is not null)
        {
            // Not while others wait: whoever fills it up writes it.
            full.Sort(form.Order);
            Keep(Write(full));
        }
    }

    /// <summary>Everything, in order. Nothing may be added any more; it can be read again.</summary>
    /// <exception cref="StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<T> InOrder()
    {
        _items.Sort(form.Order);
        return _file is null ? _items : MergeAll();
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private IEnumerable<T> MergeAll()
    {
        while (_runs.Count > MaxMerged)
        {
            var merged = _runs[..MaxMerged];
            _runs.RemoveRange(0, MaxMerged);
            _runs.Add(Write(Merge(merged.Select(Read))));
        }
        return Merge([_items, .. _runs.Select(Read)]);
    }

    private IEnumerable<T> Merge(IEnumerable<IEnumerable<T>> runs)
    {
        var next = new PriorityQueue<IEnumerator<T>, T>(form.Order);
        var open = runs.Select(run => run.GetEnumerator()).ToList();
        try
        {
            foreach (var run in open)
            {
                if (run.MoveNext())
                    next.Enqueue(run, run.Current);
            }
            while (next.TryPeek(out var run, out var item))
            {
                yield return item;
                if (run.MoveNext())
                    next.DequeueEnqueue(run, run.Current);
                else
                    next.Dequeue();
            }
        }
        finally
        {
            open.ForEach(run => run.Dispose());
        }
    }

    private SpillRun Write(IEnumerable<T> sorted)
    {
        using var run = new SpillWriter(_file!);
        foreach (var item in sorted)
        {
            form.Write(item, run.Writer);
            run.EndOfItem();
        }
        return run.End();
    }

    private IEnumerable<T> Read(SpillRun run)
    {
        using var reader = new SpillReader(_file!, run);
        while (reader.Next() is { } item)
            yield return form.Read(item);
    }

    private void Keep(SpillRun run)
    {
        lock (_turn)
            _runs.Add(run);
    }
}

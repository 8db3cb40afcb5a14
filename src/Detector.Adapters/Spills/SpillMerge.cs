namespace Detector.Adapters.Spills;

/// <summary>Several sorted runs as one.</summary>
internal sealed class SpillMerge : ISpillCursor
{
    private readonly PriorityQueue<ISpillCursor, ISpillCursor> _next = new(Comparer<ISpillCursor>.Create((a, b) => a.Key.SequenceCompareTo(b.Key)));
    private ISpillCursor? _taken;

    public SpillMerge(IEnumerable<ISpillCursor> runs)
    {
        foreach (var run in runs)
            Enqueue(run);
    }

    public ReadOnlySpan<byte> Key => _taken!.Key;

    public ReadOnlySpan<byte> Rest => _taken!.Rest;

    public bool Next()
    {
        // Out of the queue while it moves: a queue holds no place for what changes inside it.
        if (_taken is not null)
            Enqueue(_taken);
        return _next.TryDequeue(out _taken, out _);
    }

    private void Enqueue(ISpillCursor run)
    {
        if (run.Next())
            _next.Enqueue(run, run);
    }
}

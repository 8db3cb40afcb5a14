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
        // Out of the queue while it moves: a queue holds no place for what changes inside it. Mostly it goes on with the same run.
        if (_taken is not null && _taken.Next())
        {
            _taken = _next.EnqueueDequeue(_taken, _taken);
            return true;
        }
        return _next.TryDequeue(out _taken, out _);
    }

    private void Enqueue(ISpillCursor run)
    {
        if (run.Next())
            _next.Enqueue(run, run);
    }
}

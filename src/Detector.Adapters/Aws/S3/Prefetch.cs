namespace Detector.Adapters.Aws.S3;

/// <summary>
/// Begins fetching objects before they are asked for, in their order, while there is room: so many bytes, so many objects. An object gives its room back when it has been
/// read. What never got room is fetched by whoever opens it, so nothing ever waits for a reader.
/// </summary>
internal sealed class Prefetch(long bytes, int objects)
{
    private readonly Queue<S3Item> _waiting = new();
    private readonly Lock _gate = new();
    private long _bytes = bytes;
    private int _objects = objects;

    /// <summary>The largest object that is held in memory; a larger one is read as it comes.</summary>
    public long Largest { get; } = bytes / 4;

    public void Add(S3Item item)
    {
        lock (_gate)
            _waiting.Enqueue(item);
        Begin();
    }

    public void GiveBack(S3Item item)
    {
        lock (_gate)
        {
            _bytes += item.Length;
            _objects++;
        }
        Begin();
    }

    private void Begin()
    {
        while (Next() is { } item)
        {
            if (!item.TryBegin())
                GiveBackOnly(item);
        }
    }

    private S3Item? Next()
    {
        lock (_gate)
        {
            if (!_waiting.TryPeek(out var item) || _objects == 0 || _bytes < item.Length)
                return null;
            _bytes -= item.Length;
            _objects--;
            return _waiting.Dequeue();
        }
    }

    private void GiveBackOnly(S3Item item)
    {
        lock (_gate)
        {
            _bytes += item.Length;
            _objects++;
        }
    }
}

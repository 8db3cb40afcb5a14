namespace Detector.Adapters.Files;

/// <summary>What an archive's listing has found and no worker has taken yet; the largest goes first, so that the last ones end together.</summary>
public sealed class TrailQueue : IDisposable
{
    // An archive may have more items than fit into memory: the listing waits for the workers.
    private const int MaxWaiting = 10_000;

    private readonly Lock _turn = new();
    private readonly PriorityQueue<TrailItem, (long Size, long Number)> _waiting = new();
    private readonly SemaphoreSlim _room = new(MaxWaiting);
    private readonly SemaphoreSlim _filled = new(0);
    private long _found;
    private long _bytes;
    private volatile bool _isComplete;

    /// <summary>Items found so far.</summary>
    public long Found => Interlocked.Read(ref _found);

    /// <summary>Bytes as stored of the items found so far, as far as they are known.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether all are found.</summary>
    public bool IsComplete => _isComplete;

    /// <summary>Lists an archive; to be called once. Ends without throwing when it is cancelled.</summary>
    public async Task FillAsync(ITrailArchive archive, Action<UnreadFile> unreadable, CancellationToken cancellation)
    {
        try
        {
            await foreach (var item in archive.ListAsync(unreadable, cancellation).ConfigureAwait(false))
            {
                await _room.WaitAsync(cancellation).ConfigureAwait(false);
                Interlocked.Add(ref _bytes, item.Size ?? 0);
                lock (_turn)
                {
                    // One of unknown size may be the largest.
                    _waiting.Enqueue(item, (-(item.Size ?? long.MaxValue), _found++));
                }
                _filled.Release();
            }
            _isComplete = true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What was found so far may still be taken.
        }
        finally
        {
            // One for each worker that waits; each passes it on.
            _filled.Release();
        }
    }

    /// <summary>Takes the largest; waits while there is none and the listing goes on. Null at the end.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TrailItem? Take(CancellationToken cancellation)
    {
        _filled.Wait(cancellation);
        lock (_turn)
        {
            if (_waiting.TryDequeue(out var item, out _))
            {
                _room.Release();
                return item;
            }
        }
        _filled.Release();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _room.Dispose();
        _filled.Dispose();
    }
}

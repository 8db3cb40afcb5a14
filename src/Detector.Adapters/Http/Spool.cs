using Detector.Adapters.Sqlite;
using Detector.Core;

namespace Detector.Adapters.Http;

/// <summary>
/// A durable queue in one SQLite file: what is appended is on disk, and is handed out until it is acknowledged. The file says what there is;
/// memory says how far reading has come, so everything that a crash left unacknowledged comes again, in its order, at the next start.
/// </summary>
public sealed class Spool : IAsyncDisposable
{
    /// <summary>Returns after which an item is set aside.</summary>
    public const int MaxReturns = 5;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);

    private readonly SqliteStore _store;
    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<long, DateTimeOffset> _returned = new();
    private TaskCompletionSource _appended = NewSignal();
    private long _taken;
    private long _bytes;

    private Spool(SqliteStore store, TimeProvider time, IProgress<Notice> notices, long maxBytes)
    {
        _store = store;
        _time = time;
        _notices = notices;
        _maxBytes = maxBytes;
        _bytes = store.Read(session => session.Number("SELECT ifnull(sum(length(body)), 0) FROM items"));
    }

    /// <summary>Bytes that may wait, if nothing else is asked for: 1 GiB.</summary>
    public const long DefaultMaxBytes = 1024L * 1024 * 1024;

    /// <summary>Content that waits, or is about to.</summary>
    internal long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <summary>Completes when something has been appended since this was read.</summary>
    internal Task Appended
    {
        get
        {
            lock (_lock)
                return _appended.Task;
        }
    }

    /// <summary>Opens or makes a spool.</summary>
    /// <param name="file">Where it lies; no other process can open it meanwhile.</param>
    /// <param name="time">The clock of arrival and of retries.</param>
    /// <param name="notices">Told of items set aside, and of what goes wrong behind the callers' backs.</param>
    /// <param name="maxBytes">How much content may wait before <see cref="AppendAsync"/> refuses more.</param>
    /// <exception cref="StorageException">The file is held by another process, damaged, not a spool, too new, or out of reach.</exception>
    public static Spool Open(string file, TimeProvider time, IProgress<Notice> notices, long maxBytes = DefaultMaxBytes) =>
        new(SqliteStore.Open(file, SpoolSchema.Value), time, notices, maxBytes);

    /// <summary>Writes what waits to be written and closes the file.</summary>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>Keeps a body; it is on disk when this returns.</summary>
    /// <returns>The item's number, or null if the spool is full: then nothing was kept.</returns>
    /// <exception cref="StorageException">The disk failed or is full; nothing was kept.</exception>
    internal async ValueTask<long?> AppendAsync(byte[] body, CancellationToken cancellation)
    {
        if (!Reserve(body.Length))
            return null;
        try
        {
            var now = _time.GetUtcNow().UtcTicks;
            var id = await _store.WriteAsync(
                session => session.Number("INSERT INTO items (received_at, body) VALUES ($now, $body) RETURNING id", ("$now", now), ("$body", body)),
                cancellation
            );
            Signal();
            return id;
        }
        catch
        {
            Release(body.Length);
            throw;
        }
    }

    /// <summary>Hands out the next item: one that came back and is due again, else the oldest not yet handed out; null if there is none.</summary>
    internal SpoolItem? Take()
    {
        lock (_lock)
        {
            if (_returned.TryPeek(out var id, out var due) && due <= _time.GetUtcNow())
            {
                _returned.Dequeue();
                return Read("SELECT id, received_at, returns, body FROM items WHERE id = $id", id);
            }
            var next = Read("SELECT id, received_at, returns, body FROM items WHERE id > $id ORDER BY id LIMIT 1", _taken);
            _taken = next?.Id ?? _taken;
            return next;
        }
    }

    /// <summary>Removes an item. Does not wait for the disk: an item whose removal is lost in a crash comes again.</summary>
    internal void Acknowledge(SpoolItem item) => _ = RemoveAsync(item);

    /// <summary>Puts an item back, to be handed out again after a while, longer each time; or sets it aside if it came back too often.</summary>
    internal async ValueTask ReturnAsync(SpoolItem item)
    {
        var returns = item.Returns + 1;
        try
        {
            if (returns >= MaxReturns)
            {
                await SetAsideAsync(item, returns);
                return;
            }
            await _store.WriteAsync(
                session => session.Run("UPDATE items SET returns = $returns WHERE id = $id", ("$returns", returns), ("$id", item.Id)),
                CancellationToken.None
            );
        }
        catch (Exception error)
        {
            _notices.Report(new Notice(NoticeSeverity.Warning, "intake", $"that item {item.Id} came back could not be written down", error));
        }
        // Also when the disk failed: an item in nobody's hands would wait for the next start.
        lock (_lock)
            _returned.Enqueue(item.Id, _time.GetUtcNow() + FirstRetry * (1 << item.Returns));
    }

    private async Task SetAsideAsync(SpoolItem item, int returns)
    {
        var now = _time.GetUtcNow();
        var dropped = await _store.WriteAsync(session => SpoolDead.SetAside(session, item.Id, returns, now, _maxBytes / 4), CancellationToken.None);
        Release(item.Body.Length);
        _notices.Report(new Notice(NoticeSeverity.Error, "intake", $"item {item.Id} came back {returns} times and is set aside in {_store.File}"));
        if (dropped > 0)
            _notices.Report(new Notice(NoticeSeverity.Error, "intake", $"{dropped} items set aside earlier were dropped to make room"));
    }

    /// <summary>As <see cref="Acknowledge"/>, and waits for the disk.</summary>
    internal async Task RemoveAsync(SpoolItem item)
    {
        try
        {
            await _store.WriteAsync(session => session.Run("DELETE FROM items WHERE id = $id", ("$id", item.Id)), CancellationToken.None);
            Release(item.Body.Length);
        }
        catch (Exception error)
        {
            _notices.Report(new Notice(NoticeSeverity.Warning, "intake", $"item {item.Id} is done but could not be removed, and will come again", error));
        }
    }

    private SpoolItem? Read(string sql, long id) =>
        _store.Read(session =>
            session.First(
                sql,
                row => new SpoolItem(row.GetInt64(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero), row.GetInt32(2), (byte[])row[3]),
                ("$id", id)
            )
        );

    private bool Reserve(int bytes)
    {
        lock (_lock)
        {
            if (_bytes + bytes > _maxBytes)
                return false;
            _bytes += bytes;
            return true;
        }
    }

    private void Release(int bytes)
    {
        lock (_lock)
            _bytes -= bytes;
    }

    private void Signal()
    {
        lock (_lock)
        {
            _appended.SetResult();
            _appended = NewSignal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One body on its way.</summary>
/// <param name="Id">Its number, in the order of arrival.</param>
/// <param name="ReceivedAt">When it arrived.</param>
/// <param name="Returns">How often it came back.</param>
/// <param name="Body">UTF-8 JSON.</param>
internal sealed record SpoolItem(long Id, DateTimeOffset ReceivedAt, int Returns, byte[] Body);

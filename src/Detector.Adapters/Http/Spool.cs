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

    private const string Loss =
        "Events that it had taken and not handed on yet are in that file alone: send them again, or let detector replay read the trail since then.";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);

    private readonly SqliteStore _store;
    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly long _started;
    private readonly PriorityQueue<long, TimeSpan> _returned = new(); // when each is due, by the time since the start: a clock that is set moves nothing
    private TaskCompletionSource _appended = NewSignal();
    private readonly Trouble _trouble;
    private volatile bool _begunAnew;
    private long _taken;
    private long _bytes;

    private Spool(SqliteStore store, TimeProvider time, IProgress<Notice> notices, long maxBytes)
    {
        _store = store;
        _time = time;
        _started = time.GetTimestamp();
        _notices = notices;
        _maxBytes = maxBytes;
        _trouble = new Trouble("intake", $"reading from {store.File}", notices, time);
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

    /// <summary>Opens or makes a spool. One that is damaged, now or later, is moved aside.</summary>
    /// <param name="file">Where it lies; no other process can open it meanwhile.</param>
    /// <param name="time">The clock of arrival and of retries.</param>
    /// <param name="notices">Told of items set aside, and of what goes wrong behind the callers' backs.</param>
    /// <param name="maxBytes">How much content may wait before <see cref="AppendAsync"/> refuses more.</param>
    /// <exception cref="StorageException">The file is held by another process, not a spool, too new, or out of reach.</exception>
    public static Spool Open(string file, TimeProvider time, IProgress<Notice> notices, long maxBytes = DefaultMaxBytes)
    {
        Spool? spool = null;
        var damage = new DamagedFile("intake", Loss, time, notices);
        var store = SqliteStore.Open(file, SpoolSchema.Value, session => spool?.BeginAnew(session), damage: damage);
        return spool = new Spool(store, time, notices, maxBytes);
    }

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
            var id = await WriteAsync(
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
    /// <exception cref="StorageException">The file cannot be read, which has been told of; a damaged one is being exchanged for another.</exception>
    internal SpoolItem? Take()
    {
        try
        {
            var item = Next();
            _trouble.Mended();
            return item;
        }
        catch (StorageException error)
        {
            _trouble.Failed($"{error.Fault}", error.Message, needsSomebody: error.Fault != StorageFault.Locked);
            throw;
        }
    }

    private SpoolItem? Next()
    {
        lock (_lock)
        {
            // One may have been in a file that was moved aside meanwhile.
            while (_returned.TryPeek(out var id, out var due) && due <= _time.GetElapsedTime(_started))
            {
                var returned = Read("SELECT id, received_at, returns, body FROM items WHERE id = $id", id);
                _returned.Dequeue();
                if (returned is not null)
                    return returned;
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
            await WriteAsync(
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
            _returned.Enqueue(item.Id, _time.GetElapsedTime(_started) + FirstRetry * (1 << item.Returns));
    }

    private async Task SetAsideAsync(SpoolItem item, int returns)
    {
        var now = _time.GetUtcNow();
        var dropped = await WriteAsync(session => SpoolDead.SetAside(session, item.Id, returns, now, _maxBytes / 4), CancellationToken.None);
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
            await WriteAsync(session => session.Run("DELETE FROM items WHERE id = $id", ("$id", item.Id)), CancellationToken.None);
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

    /// <summary>Writes; once more if the file was found damaged, for by then another is in its place.</summary>
    private async Task<T> WriteAsync<T>(Func<SqliteSession, T> statements, CancellationToken cancellation)
    {
        try
        {
            return await _store.WriteAsync(statements, cancellation);
        }
        catch (StorageException error) when (error.Fault == StorageFault.Corrupt)
        {
            return await _store.WriteAsync(statements, cancellation);
        }
    }

    /// <summary>
    /// Another file is in the place of a damaged one. Its numbers go on above all that were ever given, or the acknowledgement of an item of the old file would remove one
    /// of the new. Runs where others may not wait for what they hold.
    /// </summary>
    private void BeginAnew(SqliteSession session)
    {
        session.Run("INSERT INTO sqlite_sequence (name, seq) VALUES ('items', $now)", ("$now", _time.GetUtcNow().UtcTicks));
        _begunAnew = true;
    }

    private bool Reserve(int bytes)
    {
        lock (_lock)
        {
            Recount();
            if (_bytes + bytes > _maxBytes)
                return false;
            _bytes += bytes;
            return true;
        }
    }

    private void Release(int bytes)
    {
        lock (_lock)
        {
            Recount();
            // What was in work when the file was exchanged counts in neither.
            _bytes = Math.Max(0, _bytes - bytes);
        }
    }

    private void Recount()
    {
        if (_begunAnew)
            (_begunAnew, _bytes) = (false, 0);
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

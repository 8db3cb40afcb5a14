using System.Runtime.CompilerServices;
using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;

namespace Detector.Adapters.Ledgers;

/// <summary>
/// The ledger of a single instance, in one SQLite file. What a method has accepted is on disk when it returns: neither the end of the process
/// nor of its power takes it back. While it is open no other process can open it. While its disk is full or gone, or somebody keeps it locked, whoever writes waits: intake
/// stands still, nothing is acknowledged, and nothing has to come again. One that is damaged is moved aside.
/// </summary>
public sealed class SqliteLedger : ILedger
{
    private const int Step = 500;
    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(1);

    private static readonly string Loss =
        "Alerts that it still had to deliver, events inside the windows of correlations, and what was known of the past are in that file alone: detector replay of the trail since then tells them again.";

    private readonly SqliteStore _store;
    private readonly Trouble _trouble;
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), Random.Shared);
    private readonly string _owner;
    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly TimeSpan _retention;
    private readonly ITimer _pruning;
    private readonly SqliteSeenLog? _seen;

    private SqliteLedger(SqliteStore store, string owner, TimeProvider time, IProgress<Notice> notices, TimeSpan retention, TimeSpan seen)
    {
        _store = store;
        _owner = owner;
        _time = time;
        _notices = notices;
        _trouble = new Trouble("ledger", $"writing to {store.File}", notices, time);
        _retention = retention;
        _seen = seen == TimeSpan.Zero ? null : new SqliteSeenLog(store, WriteAsync, seen, time);
        _pruning = time.CreateTimer(_ => _ = PruneAsync(), null, PruneEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long an alert is remembered after it was accepted, if nothing else is asked for.</summary>
    public static TimeSpan DefaultRetention { get; } = TimeSpan.FromDays(30);

    /// <summary>How long it is remembered that an event was seen, if nothing else is asked for.</summary>
    public static TimeSpan DefaultSeen { get; } = TimeSpan.FromDays(7);

    /// <summary>SQS may deliver a message again for this long; an id forgotten sooner could be told twice.</summary>
    public static TimeSpan LeastRetention { get; } = TimeSpan.FromDays(14);

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public ISeenLog? Seen => _seen;

    /// <summary>Opens or makes a ledger. Deliveries that a dead process had claimed are due again at once.</summary>
    /// <param name="file">Where it lies; see <see cref="StorageException"/> for what may be wrong there.</param>
    /// <param name="owner">Names this process among those that hold leases, for people who look into the file.</param>
    /// <param name="time">The clock of leases and of retention.</param>
    /// <param name="notices">Told of what goes wrong behind the callers' backs.</param>
    /// <param name="retention">How long settled alerts and rejected records are remembered; null for <see cref="DefaultRetention"/>.</param>
    /// <param name="seen">How long it is remembered that an event was seen; null for <see cref="DefaultSeen"/>, zero for not at all.</param>
    /// <exception cref="StorageException">The file is held by another process, damaged, not a ledger, too new, or out of reach.</exception>
    public static SqliteLedger Open(string file, string owner, TimeProvider time, IProgress<Notice> notices, TimeSpan? retention = null, TimeSpan? seen = null)
    {
        var kept = retention ?? DefaultRetention;
        var keptSeen = seen ?? DefaultSeen;
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, LeastRetention, nameof(retention));
        // The file is ours alone, so whoever held a lease is gone: a restart need not wait for leases to run out.
        var store = SqliteStore.Open(
            file,
            LedgerSchema.Value,
            session =>
            {
                Outbox.ReleaseAll(session);
                SeenEvents.Begin(session, keptSeen > TimeSpan.Zero ? time.GetUtcNow() : null);
            },
            damage: new DamagedFile("ledger", Loss, time, notices)
        );
        return new SqliteLedger(store, owner, time, notices, kept, keptSeen);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DispatchKey>> AcceptAsync(IReadOnlyList<OutboxEntry> entries, CancellationToken cancellation)
    {
        var written = entries.Select(entry => new Outbox.Entry(entry, AlertJson.Write(entry.Alert))).ToArray();
        var now = _time.GetUtcNow();
        return await WriteAsync(session => Outbox.Accept(session, written, now), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Dispatch>> ClaimAsync(string sink, int max, TimeSpan lease, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var claims = await WriteAsync(session => Outbox.Lease(session, sink, max, lease, _owner, now), cancellation);
        return await Claim.ReadAsync(claims, sink, this, now, _notices, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask SettleAsync(DispatchKey dispatch, Settlement settlement, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        await WriteAsync(session => Outbox.Settle(session, dispatch, settlement, now), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask SettleAllAsync(IReadOnlyList<DispatchKey> dispatches, Settlement settlement, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        await WriteAsync(session => dispatches.Sum(dispatch => Outbox.Settle(session, dispatch, settlement, now)), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask GatherAsync(AlertId digest, IReadOnlyList<DispatchKey> dispatches, DateTimeOffset dueAt, CancellationToken cancellation) =>
        await WriteAsync(session => Outbox.Gather(session, digest, dispatches, dueAt), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerAlert> ReadAlertsAsync(AlertQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        cancellation.ThrowIfCancellationRequested();
        foreach (var alert in Alerts(before => _store.Read(session => AlertRegister.Read(session, query, before, Step)), _notices))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return alert;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DispatchKey>> ResendAsync(AlertId alert, string? sink, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        return await WriteAsync(session => AlertRegister.Resend(session, alert, sink, now), cancellation);
    }

    /// <summary>Alerts page by page; one whose body cannot be read is told of, and the others follow.</summary>
    internal static IEnumerable<LedgerAlert> Alerts(Func<long, List<AlertRegister.Entry>> page, IProgress<Notice> notices)
    {
        var before = long.MaxValue;
        while (page(before) is { Count: > 0 } entries)
        {
            foreach (var entry in entries)
            {
                if (KeptAlert.Read(entry.Body, entry.Id, notices) is { } alert)
                    yield return new LedgerAlert(alert, entry.AcceptedAt, entry.Suppressed, entry.Repeats, entry.Deliveries);
            }
            before = entries[^1].Key;
        }
    }

    /// <inheritdoc/>
    public ValueTask<OutboxState> StateAsync(string? sink, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_store.Read(session => Outbox.State(session, sink)));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> NoteAsync(string sink, IReadOnlyList<SinkNote> notes, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        return await WriteAsync(session => Notes.Keep(session, sink, notes, now), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<string?> RecallAsync(string sink, string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_store.Read(session => Notes.Find(session, sink, key)));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JournaledHit>> JournalAsync(IReadOnlyList<JournaledHit> hits, CancellationToken cancellation) =>
        hits.Count == 0 ? [] : await WriteAsync(session => Journal.Keep(session, hits), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournaledHit> ReadJournalAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        var last = Journal.Place.Start;
        while (_store.Read(session => Journal.Read(session, last, Step)) is { Count: > 0 } hits)
        {
            foreach (var (_, hit) in hits)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return hit;
            }
            last = hits[^1].Place;
        }
    }

    /// <inheritdoc/>
    public async ValueTask ForgetAsync(IReadOnlyList<HitKey> hits, CancellationToken cancellation)
    {
        if (hits.Count == 0)
            return;
        var now = _time.GetUtcNow();
        await WriteAsync(session => Journal.Forget(session, hits, now), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask RememberAsync(IReadOnlyList<LearnedFact> learned, IReadOnlyCollection<FactKey> forgotten, CancellationToken cancellation)
    {
        foreach (var facts in learned.Chunk(Step))
            await WriteAsync(session => LearnedFacts.Keep(session, facts), cancellation);
        foreach (var facts in forgotten.Chunk(Step))
            await WriteAsync(session => LearnedFacts.Drop(session, facts), cancellation);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LearnedFact> ReadHistoryAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        var last = ("", "", 0L);
        while (_store.Read(session => LearnedFacts.Read(session, last, Step)) is { Count: > 0 } facts)
        {
            foreach (var fact in facts)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return fact;
            }
            last = (facts[^1].Entity, facts[^1].Name, facts[^1].Time.UtcTicks);
        }
    }

    /// <inheritdoc/>
    public async ValueTask RejectAsync(IReadOnlyList<Rejected> rejected, CancellationToken cancellation)
    {
        if (rejected.Count == 0)
            return;
        var identified = rejected.Select(record => (Rejections.IdOf(record), record)).ToArray();
        var now = _time.GetUtcNow();
        await WriteAsync(session => Rejections.Keep(session, identified, now), cancellation);
    }

    /// <summary>Forgets what is past its retention, in small steps. Runs by itself, a minute after it last ended.</summary>
    internal async Task PruneAsync()
    {
        try
        {
            var before = _time.GetUtcNow() - _retention;
            while (await _store.WriteAsync(session => Outbox.Prune(session, before, Step), CancellationToken.None)) { }
            while (await _store.WriteAsync(session => Notes.Prune(session, before, Step), CancellationToken.None)) { }
            while (await _store.WriteAsync(session => Journal.Prune(session, before, Step), CancellationToken.None)) { }
            while (await _store.WriteAsync(session => Rejections.Prune(session, before, Step, Rejections.MaxTotal), CancellationToken.None)) { }
            if (_seen is not null)
                await _seen.PruneAsync(Step);
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: what is left is pruned next time.
        }
        catch (Exception error)
        {
            _notices.Report(new Notice(NoticeSeverity.Warning, "ledger", "what is past its retention could not be removed", error));
        }
        _pruning.Change(PruneEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes what is waiting and closes the file. Claims that are not settled end with it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pruning.DisposeAsync();
        await _store.DisposeAsync();
    }

    /// <summary>Writes, again and again if need be.</summary>
    private async Task<T> WriteAsync<T>(Func<SqliteSession, T> statements, CancellationToken cancellation)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                var result = await _store.WriteAsync(statements, cancellation);
                _trouble.Mended();
                return result;
            }
            catch (StorageException error)
            {
                _trouble.Failed($"{error.Fault}", error.Message, needsSomebody: error.Fault != StorageFault.Locked);
            }
            await Task.Delay(_backoff.After(failures), _time, cancellation);
        }
    }
}

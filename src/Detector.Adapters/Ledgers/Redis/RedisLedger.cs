using System.Runtime.CompilerServices;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The ledger of several instances, in Redis. When a method returns, what it accepted is as safe as the server's own settings make it: its append-only file, and its
/// replicas. While Redis is away every method waits.
/// </summary>
public sealed class RedisLedger : ILedger
{
    /// <summary>A delivery that is not settled comes due again, so nobody waits for Redis longer than this; at the end of a run least of all.</summary>
    private static readonly TimeSpan SettleWithin = TimeSpan.FromSeconds(20);

    private readonly RedisLink _link;
    private readonly RedisLedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly string _turn;
    private readonly RedisSeenLog _seen;

    private RedisLedger(RedisLink link, RedisLedgerOptions options, TimeProvider time, IProgress<Notice> notices, string turn)
    {
        _link = link;
        _options = options;
        _time = time;
        _notices = notices;
        _turn = turn;
        _seen = new RedisSeenLog(link, options.Seen ?? default, options.SeenBytes, time);
    }

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public ISeenLog? Seen => _options.Seen > TimeSpan.Zero ? _seen : null;

    /// <summary>What was seen, for those who only look.</summary>
    internal RedisSeenLog Remembered => _seen;

    /// <summary>What is wrong with a connection string, to follow it; null if nothing is. It may hold a password, and is never shown.</summary>
    public static string? WhatIsWrongWith(string connection) => RedisStart.WhatIsWrongWith(connection);

    /// <summary>Connects, and tells by notices what the server's settings put at risk.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="instance">Names this process to the server.</param>
    /// <param name="time">The clock of deliveries and of retention; those of all instances must agree within half a minute.</param>
    /// <param name="random">Spreads retries.</param>
    /// <param name="notices">Told of what goes wrong.</param>
    /// <exception cref="Sqlite.StorageException">Nobody answers there, or it does not let us in, or it is too old.</exception>
    public static async Task<RedisLedger> OpenAsync(RedisLedgerOptions options, string instance, TimeProvider time, Random random, IProgress<Notice> notices)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Retention, SqliteLedger.LeastRetention, nameof(options));
        var ledger = new RedisLedger(await RedisLink.OpenAsync(options, instance, time, random, notices), options, time, notices, turn: "");
        if (options.Seen is not null)
            await ledger._seen.BeginAsync(CancellationToken.None);
        return ledger;
    }

    /// <summary>How the instances that share the ledger take turns.</summary>
    /// <param name="instance">This instance's name: no other may have it, nor have had it before.</param>
    public ITurns TurnsOf(string instance) => new RedisTurns(_link, instance, _options.Lease, turn => new RedisLedger(_link, _options, _time, _notices, turn));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DispatchKey>> AcceptAsync(IReadOnlyList<OutboxEntry> entries, CancellationToken cancellation) =>
        await RedisOutbox.AcceptAsync(_link, _turn, entries, _time.GetUtcNow(), _options.Retention, cancellation);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Dispatch>> ClaimAsync(string sink, int max, TimeSpan lease, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var claims = await RedisOutbox.ClaimAsync(_link, sink, max, lease, now, cancellation);
        return await Claim.ReadAsync(claims, sink, this, now, _notices, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(DispatchKey dispatch, Settlement settlement, CancellationToken cancellation) =>
        SettleAllAsync([dispatch], settlement, cancellation);

    /// <inheritdoc/>
    public async ValueTask SettleAllAsync(IReadOnlyList<DispatchKey> dispatches, Settlement settlement, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(SettleWithin);
        foreach (var (sink, alerts) in BySink(dispatches))
        {
            await RedisOutbox.SettleAsync(_link, sink, alerts, settlement, _time.GetUtcNow(), _options.Retention, patience.Token);
        }
    }

    /// <inheritdoc/>
    public async ValueTask GatherAsync(AlertId digest, IReadOnlyList<DispatchKey> dispatches, DateTimeOffset dueAt, CancellationToken cancellation)
    {
        foreach (var (sink, alerts) in BySink(dispatches))
        {
            await RedisOutbox.GatherAsync(_link, sink, digest, alerts, dueAt, cancellation);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerAlert> ReadAlertsAsync(AlertQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var entry in RedisRegister.ReadAsync(_link, query, cancellation))
        {
            if (KeptAlert.Read(entry.Body, entry.Id, _notices) is { } alert)
            {
                yield return new LedgerAlert(alert, entry.AcceptedAt, entry.Suppressed, entry.Repeats, entry.Deliveries);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DispatchKey>> ResendAsync(AlertId alert, string? sink, CancellationToken cancellation) =>
        RedisRegister.ResendAsync(_link, alert, sink, _time.GetUtcNow(), cancellation);

    /// <summary>Whether an alert was taken in already, delivered or not.</summary>
    public ValueTask<bool> KnowsAsync(AlertId alert, CancellationToken cancellation) => RedisRegister.KnowsAsync(_link, alert, cancellation);

    /// <inheritdoc/>
    public ValueTask<OutboxState> StateAsync(string? sink, CancellationToken cancellation) => RedisOutbox.StateAsync(_link, sink, cancellation);

    /// <inheritdoc/>
    public ValueTask<bool> NoteAsync(string sink, IReadOnlyList<SinkNote> notes, CancellationToken cancellation) =>
        RedisNotes.KeepAsync(_link, sink, notes, _options.Retention, cancellation);

    /// <inheritdoc/>
    public ValueTask<string?> RecallAsync(string sink, string key, CancellationToken cancellation) => RedisNotes.FindAsync(_link, sink, key, cancellation);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournaledHit>> JournalAsync(IReadOnlyList<JournaledHit> hits, CancellationToken cancellation) =>
        RedisJournal.KeepAsync(_link, _turn, hits, _options.Retention, cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournaledHit> ReadJournalAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var hits = new List<JournaledHit>();
        JournalPage page;
        long last = 0;
        do
        {
            page = await RedisJournal.ReadAsync(_link, _turn, last, cancellation);
            last = page.Last;
            hits.AddRange(page.Hits);
        } while (page.More);
        foreach (var hit in hits.OrderBy(hit => hit.Time))
        {
            yield return hit;
        }
    }

    /// <inheritdoc/>
    public ValueTask ForgetAsync(IReadOnlyList<HitKey> hits, CancellationToken cancellation) =>
        RedisJournal.ForgetAsync(_link, _turn, hits, _options.Retention, cancellation);

    /// <inheritdoc/>
    public ValueTask RememberAsync(IReadOnlyList<LearnedFact> learned, IReadOnlyCollection<FactKey> forgotten, CancellationToken cancellation) =>
        RedisFacts.KeepAsync(_link, _turn, learned, forgotten, cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<LearnedFact> ReadHistoryAsync(CancellationToken cancellation) => RedisFacts.ReadAsync(_link, _turn, cancellation);

    /// <inheritdoc/>
    public async ValueTask RejectAsync(IReadOnlyList<Rejected> rejected, CancellationToken cancellation)
    {
        if (rejected.Count > 0)
        {
            await RedisRejections.KeepAsync(_link, rejected, _time.GetUtcNow(), _options, cancellation);
        }
    }

    /// <summary>Closes the connection, unless this is the ledger of a turn.</summary>
    public ValueTask DisposeAsync() => _turn.Length == 0 ? _link.DisposeAsync() : ValueTask.CompletedTask;

    private static IEnumerable<(string Sink, IEnumerable<AlertId> Alerts)> BySink(IReadOnlyList<DispatchKey> dispatches) =>
        dispatches.GroupBy(dispatch => dispatch.Sink, dispatch => dispatch.Alert, StringComparer.Ordinal).Select(sink => (sink.Key, sink.AsEnumerable()));
}

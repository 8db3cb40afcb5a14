using System.Runtime.CompilerServices;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;

namespace Detector.Core.Delivery;

/// <summary>
/// A ledger for one process's life: replays, tests, trying out. Memory is bounded by forgetting: settled alerts, repeats and rejected
/// records beyond a number, and names of forgotten hits likewise, the oldest first. What is pending or waits in the journal is never forgotten.
/// </summary>
/// <param name="time">The clock of leases.</param>
/// <param name="remembered">How many settled alerts, repeats of one alert, and rejected records are remembered.</param>
public sealed class InMemoryLedger(TimeProvider time, int remembered = 100_000) : ILedger
{
    private readonly Lock _lock = new();
    private readonly InMemoryOutbox _outbox = new(remembered);
    private readonly InMemoryNotes _notes = new(remembered);
    private readonly InMemoryJournal _journal = new(remembered);
    private readonly Dictionary<FactKey, LearnedFact> _history = [];
    private readonly Dictionary<AlertId, Rejected> _rejected = [];
    private readonly Queue<AlertId> _rejectedInOrder = new();

    /// <inheritdoc/>
    public bool IsDurable => false;

    /// <inheritdoc/>
    public ISeenLog? Seen => null;

    /// <summary>The rejected records that are remembered.</summary>
    public IReadOnlyList<Rejected> Rejected
    {
        get
        {
            lock (_lock)
                return [.. _rejected.Values];
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DispatchKey>> AcceptAsync(IReadOnlyList<OutboxEntry> entries, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult<IReadOnlyList<DispatchKey>>(_outbox.Accept(entries, time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Dispatch>> ClaimAsync(string sink, int max, TimeSpan lease, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult<IReadOnlyList<Dispatch>>(_outbox.Claim(sink, max, lease, time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(DispatchKey dispatch, Settlement settlement, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            _outbox.Settle(dispatch, settlement, time.GetUtcNow());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SettleAllAsync(IReadOnlyList<DispatchKey> dispatches, Settlement settlement, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            foreach (var dispatch in dispatches)
                _outbox.Settle(dispatch, settlement, time.GetUtcNow());
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask GatherAsync(AlertId digest, IReadOnlyList<DispatchKey> dispatches, DateTimeOffset dueAt, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            _outbox.Gather(digest, dispatches, dueAt);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerAlert> ReadAlertsAsync(AlertQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        cancellation.ThrowIfCancellationRequested();
        LedgerAlert[] alerts;
        lock (_lock)
            alerts = _outbox.Read(query);
        foreach (var alert in alerts)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return alert;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DispatchKey>> ResendAsync(AlertId alert, string? sink, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult<IReadOnlyList<DispatchKey>>(_outbox.Resend(alert, sink, time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<OutboxState> StateAsync(string? sink, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult(_outbox.State(sink));
    }

    /// <inheritdoc/>
    public ValueTask<bool> NoteAsync(string sink, IReadOnlyList<SinkNote> notes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult(_notes.Keep(sink, notes));
    }

    /// <inheritdoc/>
    public ValueTask<string?> RecallAsync(string sink, string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult(_notes.Find(sink, key));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournaledHit>> JournalAsync(IReadOnlyList<JournaledHit> hits, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult<IReadOnlyList<JournaledHit>>(_journal.Keep(hits));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournaledHit> ReadJournalAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        JournaledHit[] hits;
        lock (_lock)
            hits = _journal.Read();
        foreach (var hit in hits)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return hit;
        }
    }

    /// <inheritdoc/>
    public ValueTask ForgetAsync(IReadOnlyList<HitKey> hits, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            _journal.Forget(hits);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RememberAsync(IReadOnlyList<LearnedFact> learned, IReadOnlyCollection<FactKey> forgotten, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            foreach (var fact in learned)
            {
                _history[fact.Key] = fact;
            }
            foreach (var fact in forgotten)
            {
                _history.Remove(fact);
            }
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LearnedFact> ReadHistoryAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        LearnedFact[] facts;
        lock (_lock)
            facts = [.. _history.Values];
        foreach (var fact in facts)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return fact;
        }
    }

    /// <inheritdoc/>
    public ValueTask RejectAsync(IReadOnlyList<Rejected> rejected, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            foreach (var record in rejected)
            {
                var id = AlertId.Of(record.Origin, record.Index.ToString(), Convert.ToBase64String(record.Content.Span));
                if (_rejected.TryAdd(id, record))
                    _rejectedInOrder.Enqueue(id);
            }
            while (_rejectedInOrder.Count > remembered)
                _rejected.Remove(_rejectedInOrder.Dequeue());
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

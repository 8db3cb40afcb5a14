using System.Runtime.CompilerServices;
using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;
using Detector.Core.Events;

namespace Detector.Adapters.Ledgers;

/// <summary>The ledger's memory of events that were seen. Callers that wait for the same transaction are written as one.</summary>
/// <param name="store">Where it is.</param>
/// <param name="write">How the ledger writes to it.</param>
/// <param name="retention">How long an event is remembered.</param>
/// <param name="time">The wall clock.</param>
internal sealed class SqliteSeenLog(
    SqliteStore store,
    Func<Func<SqliteSession, int>, CancellationToken, Task<int>> write,
    TimeSpan retention,
    TimeProvider time
) : ISeenLog
{
    private readonly Lock _gate = new();
    private List<SeenEvent>? _gathering;
    private Task _written = Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask AddAsync(IReadOnlyList<SeenEvent> events, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (events.Count == 0)
            return;
        Task written;
        lock (_gate)
        {
            if (_gathering is null)
                _written = WriteAsync(_gathering = []);
            _gathering.AddRange(events);
            written = _written;
        }
        // Others wait for the same write, so nobody's haste may end it.
        await written.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset> BeganAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(store.Read(SeenEvents.Began) ?? time.GetUtcNow());
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SeenHour> ReadAsync(TimeRange within, CancellationToken cancellation) => ReadAsync(store.Read, within, cancellation);

    /// <summary>Forgets what is past its retention, in small steps.</summary>
    public async Task PruneAsync(int step)
    {
        var before = time.GetUtcNow() - retention;
        while (await store.WriteAsync(session => SeenEvents.Prune(session, before, step), CancellationToken.None)) { }
    }

    /// <summary>Reads in parts, so that nobody else waits long.</summary>
    /// <param name="read">Runs statements.</param>
    /// <param name="within">See <see cref="ISeenEvents.ReadAsync"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async IAsyncEnumerable<SeenHour> ReadAsync(
        Func<Func<SqliteSession, List<(long Key, SeenHour Events)>>, List<(long Key, SeenHour Events)>> read,
        TimeRange within,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        const int rows = 100;
        await Task.CompletedTask;
        var (first, last) = SeenEvent.HoursOf(within);
        foreach (var (from, through) in first == 0 ? [(0, last)] : ((int, int)[])[(0, 0), (first, last)])
        {
            var after = SeenEvents.Before(from);
            while (read(session => SeenEvents.Read(session, after, through, rows)) is { Count: > 0 } some)
            {
                foreach (var (_, events) in some)
                {
                    cancellation.ThrowIfCancellationRequested();
                    yield return events;
                }
                after = some[^1].Key;
            }
        }
    }

    private Task<int> WriteAsync(List<SeenEvent> events) =>
        write(
            session =>
            {
                // Who comes from now on is written the next time. If this runs again, it finds the same events.
                lock (_gate)
                {
                    if (_gathering == events)
                        _gathering = null;
                }
                return SeenEvents.Keep(session, events, time.GetUtcNow());
            },
            CancellationToken.None
        );
}

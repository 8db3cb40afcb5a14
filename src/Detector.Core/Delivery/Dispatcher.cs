using System.Collections.Concurrent;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.Core.Delivery;

/// <summary>
/// Stage 3: takes alerts into the ledger's outbox and brings them to the sinks, each sink at its own pace. A sink that is down fills the outbox and
/// delays no other.
/// </summary>
public sealed class Dispatcher
{
    private readonly ILedger _ledger;
    private readonly IReadOnlyList<SinkRoute> _routes;
    private readonly DispatcherOptions _options;
    private readonly TimeProvider _clock;
    private readonly SinkLoop[] _loops;
    private readonly PipelineWatch _watch;
    private readonly AlertTraces _traced = new();
    private readonly ConcurrentDictionary<DispatchKey, TaskCompletionSource> _waiting = new();

    /// <param name="ledger">Remembers deliveries.</param>
    /// <param name="routes">The sinks and what each is to have.</param>
    /// <param name="options">Paces.</param>
    /// <param name="clock">The wall clock, for leases and retries.</param>
    /// <param name="random">Spreads retries.</param>
    /// <param name="notices">Told of failures.</param>
    /// <param name="watch">Told of alerts and deliveries; nobody if null.</param>
    public Dispatcher(
        ILedger ledger,
        IReadOnlyList<SinkRoute> routes,
        DispatcherOptions options,
        TimeProvider clock,
        Random random,
        IProgress<Notice> notices,
        PipelineWatch? watch = null
    )
    {
        _ledger = ledger;
        _routes = routes;
        _options = options;
        _clock = clock;
        _watch = watch ?? PipelineWatch.None;
        _loops =
        [
            .. routes.Select(route => new SinkLoop(
                route.Sink,
                ledger,
                options,
                clock,
                random,
                notices,
                _watch,
                _traced,
                Settled,
                // Where intake waits for deliveries, an alert that waits for its digest would hold up what comes behind it.
                ledger.IsDurable
                    ? route.Digests
                    : null
            )),
        ];
    }

    /// <summary>The sinks and what each is to have.</summary>
    public IReadOnlyList<SinkRoute> Routes => _routes;

    /// <summary>
    /// Completes when the alerts of the findings are safe: durable in the outbox, or, with a ledger that is not durable, delivered or refused for good. Waits while the
    /// outbox is full.
    /// </summary>
    /// <param name="findings">What was found.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="by">The ledger by which they enter the outbox, if it is not the dispatcher's own.</param>
    public async ValueTask AcceptAsync(IReadOnlyList<Finding> findings, CancellationToken cancellation, ILedger? by = null)
    {
        if (findings.Count > 0)
        {
            await AcceptAsync(by ?? _ledger, [.. findings.Select(finding => Entry(AlertMaker.Of(finding), finding.Newest.Event))], cancellation);
        }
    }

    /// <summary>The same for alerts that were made elsewhere.</summary>
    /// <returns>How many of them have deliveries that are not settled yet.</returns>
    public async ValueTask<int> AcceptAlertsAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellation) =>
        (await AcceptAsync(_ledger, [.. alerts.Select(alert => Entry(alert, new EventIdentity(alert.Id.Value)))], cancellation))
            .Select(key => key.Alert)
            .Distinct()
            .Count();

    private async ValueTask<IReadOnlyList<DispatchKey>> AcceptAsync(ILedger ledger, OutboxEntry[] entries, CancellationToken cancellation)
    {
        await RoomAsync(cancellation);
        // Waited for before the ledger has them: a sink may be done with one before the ledger has answered.
        var settled = _ledger.IsDurable ? [] : entries.SelectMany(KeysOf).Distinct().ToDictionary(key => key, Waiting);
        foreach (var entry in entries)
        {
            _traced.Raised(entry.Alert.Id);
        }
        var open = await ledger.AcceptAsync(entries, cancellation);
        foreach (var entry in entries)
        {
            _watch.Accepted(entry.Alert);
        }
        foreach (var key in settled.Keys.Except(open))
        {
            Settled(key);
        }
        foreach (var loop in _loops)
        {
            loop.Wake();
        }
        await Task.WhenAll(settled.Values).WaitAsync(cancellation);
        return open;
    }

    /// <summary>Brings alerts to the sinks until <paramref name="stopping"/>; sends in flight then end before it completes.</summary>
    public Task RunAsync(CancellationToken stopping) =>
        // Each on a thread of its own choosing: a sink that blocks holds up no other.
        Task.WhenAll(_loops.Select(loop => Task.Run(() => loop.RunAsync(stopping), CancellationToken.None)));

    /// <summary>Completes when no delivery to these sinks is pending.</summary>
    public async Task EmptyAsync(CancellationToken cancellation)
    {
        foreach (var route in _routes)
        {
            while ((await _ledger.StateAsync(route.Sink.Name, cancellation)).Pending > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), _clock, cancellation);
            }
        }
    }

    private OutboxEntry Entry(Alert alert, EventIdentity raisedBy)
    {
        if (alert.HiddenBy is not null)
        {
            return new OutboxEntry(alert, raisedBy, []);
        }
        var routes = _routes.Where(route => route.Takes(alert)).ToList();
        if (Calm.Reason(alert) is not null && routes.Exists(route => !route.Pages))
        {
            routes.RemoveAll(route => route.Pages);
        }
        return new OutboxEntry(alert, raisedBy, [.. routes.Select(route => route.Sink.Name)]);
    }

    private static IEnumerable<DispatchKey> KeysOf(OutboxEntry entry) => entry.Sinks.Select(sink => new DispatchKey(entry.Alert.Id, sink));

    private async ValueTask RoomAsync(CancellationToken cancellation)
    {
        while ((await _ledger.StateAsync(null, cancellation)).Pending >= _options.OutboxLimit)
        {
            await Task.Delay(_options.FirstRetry, _clock, cancellation);
        }
    }

    private Task Waiting(DispatchKey key) => _waiting.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Settled(DispatchKey key)
    {
        if (_waiting.TryRemove(key, out var waiting))
        {
            waiting.SetResult();
        }
    }
}

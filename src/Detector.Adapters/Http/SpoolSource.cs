using System.Runtime.CompilerServices;
using Detector.Adapters.Sqlite;
using Detector.Core.Events;

namespace Detector.Adapters.Http;

/// <summary>Events from the embedded intake: each body that was posted is one batch.</summary>
/// <param name="spool">Where the bodies wait.</param>
/// <param name="time">The clock of waiting.</param>
/// <param name="lateness">See <see cref="IEventSource.Lateness"/>; null for two minutes, EventBridge's.</param>
public sealed class SpoolSource(Spool spool, TimeProvider time, TimeSpan? lateness = null) : IEventSource
{
    // As often as an empty source says so: it is what moves the engine's clock while nothing happens.
    private static readonly TimeSpan IdleEvery = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Name => "intake";

    /// <inheritdoc/>
    public TimeSpan Lateness { get; } = lateness ?? TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // Read before looking, so that what arrives between the look and the wait ends the wait.
            var appended = spool.Appended;
            SpoolItem? item;
            try
            {
                item = spool.Take();
            }
            catch (StorageException)
            {
                // Not empty, for all that is known: time does not pass.
                await WaitAsync(appended, stopping);
                continue;
            }
            if (item is not null)
            {
                yield return new EventBatch($"{Name}:{item.Id}", item.Body, new SpoolReceipt(spool, item), item.ReceivedAt);
                continue;
            }
            yield return EventBatch.Idle;
            await WaitAsync(appended, stopping);
        }
    }

    private async Task WaitAsync(Task appended, CancellationToken stopping)
    {
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(appended, Task.Delay(IdleEvery, time, waited.Token));
        await waited.CancelAsync();
    }

    private sealed class SpoolReceipt(Spool spool, SpoolItem item) : Receipt
    {
        private int _settled;

        public override ValueTask AckAsync(CancellationToken cancellation)
        {
            if (Interlocked.Exchange(ref _settled, 1) == 0)
                spool.Acknowledge(item);
            return ValueTask.CompletedTask;
        }

        public override ValueTask ReturnAsync(CancellationToken cancellation) =>
            Interlocked.Exchange(ref _settled, 1) == 0 ? spool.ReturnAsync(item) : ValueTask.CompletedTask;
    }
}

using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace Detector.Core.Detection;

/// <summary>
/// Puts hits into the order of their times and moves the virtual clock. Nothing else moves time. One thread at a time may use it.
/// </summary>
internal sealed class Timeline : IDisposable
{
    private readonly PriorityQueue<WaitingHit, WaitingHit> _waiting = new(WaitingHit.InOrder);
    private readonly HistoricalScheduler _clock = new();
    private readonly Subject<WaitingHit> _released = new();

    /// <summary>The virtual clock, for operators.</summary>
    public IScheduler Clock => _clock;

    /// <summary>Hits in their order (eventTime, then identity), except those that came too late.</summary>
    public IObservable<WaitingHit> Hits => _released.AsObservable();

    /// <summary>Takes a hit in; it is released when the watermark has passed its time.</summary>
    public void Add(WaitingHit hit) => _waiting.Enqueue(hit, hit);

    /// <summary>Takes hits out that wait. Returns their keys.</summary>
    public IReadOnlyList<HitKey> Drop(Func<WaitingHit, bool> which)
    {
        var all = _waiting.UnorderedItems.Select(item => item.Element).ToLookup(which);
        _waiting.Clear();
        _waiting.EnqueueRange(all[false].Select(hit => (hit, hit)));
        return [.. all[true].Select(hit => hit.Key)];
    }

    /// <summary>
    /// Releases every hit from before the watermark, each at its own time on the clock. Hits of the watermark's own second wait: another of the same second may
    /// still come and belong before them.
    /// </summary>
    public void AdvanceTo(DateTimeOffset watermark)
    {
        while (_waiting.TryPeek(out var next, out _) && next.Time < watermark)
        {
            _waiting.Dequeue();
            var late = next.Time < _clock.Now;
            if (!late)
            {
                _clock.AdvanceTo(next.Time);
            }
            _released.OnNext(late ? next with { Late = true } : next);
        }
        if (watermark > _clock.Now)
        {
            _clock.AdvanceTo(watermark);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _released.Dispose();
}

namespace Detector.Core.Detection;

/// <summary>
/// The time up to which every event is taken to have arrived: the newest eventTime seen, never beyond the wall clock, less the source's lateness. The wall clock
/// moves it only while the source is empty, and while a backlog is drained it stands still, because a queue delivers in no order: so a day's backlog drained at
/// once gives the alerts that a replay gives. A backlog ends when the source is empty, or has for as long as the lateness yielded nothing that waited longer
/// than that: one old message that is returned again and again must not hold time for ever.
/// </summary>
/// <param name="lateness">How much later than its time an event may arrive: <see cref="Events.IEventSource.Lateness"/>.</param>
/// <param name="clock">The wall clock.</param>
internal sealed class Watermark(TimeSpan lateness, TimeProvider clock)
{
    private DateTimeOffset _newest = DateTimeOffset.MinValue;
    private DateTimeOffset? _laggedAt; // when something last came that had waited for longer than the lateness

    /// <summary>Never moves back.</summary>
    public DateTimeOffset Current { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>A batch has been judged.</summary>
    /// <param name="newest">The newest eventTime in it.</param>
    /// <param name="sentAt">When it was put into the queue.</param>
    public void Observe(DateTimeOffset? newest, DateTimeOffset? sentAt)
    {
        var now = clock.GetUtcNow();
        if (newest > _newest)
        {
            _newest = newest.Value < now ? newest.Value : now;
        }
        if (sentAt < now - lateness)
        {
            _laggedAt = now;
        }
        if (_laggedAt is null || now - _laggedAt > lateness)
        {
            MoveTo(_newest);
        }
    }

    /// <summary>The source has found itself empty: whatever happened before now, less the lateness, has arrived.</summary>
    public void Idle()
    {
        _laggedAt = null;
        MoveTo(clock.GetUtcNow());
    }

    /// <summary>Others have found that everything before a time has arrived.</summary>
    public void Reach(DateTimeOffset time)
    {
        if (time > Current)
        {
            Current = time;
        }
    }

    private void MoveTo(DateTimeOffset time)
    {
        if (time - DateTimeOffset.MinValue > lateness)
        {
            Reach(time - lateness);
        }
    }
}

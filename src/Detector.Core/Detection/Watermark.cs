namespace Detector.Core.Detection;

/// <summary>
/// The time up to which every event is taken to have arrived: the newest eventTime seen, never beyond the present, less the source's lateness. The present
/// moves it only while the source is empty, and while a backlog is drained it stands still, because a queue delivers in no order: so a day's backlog drained at
/// once gives the alerts that a replay gives. A backlog ends when the source is empty, or has for as long as the lateness yielded nothing that waited longer
/// than that: one old message that is returned again and again must not hold time for ever.
/// </summary>
/// <param name="lateness">How much later than its time an event may arrive: <see cref="Events.IEventSource.Lateness"/>.</param>
/// <param name="clock">The wall clock, and one that only counts.</param>
internal sealed class Watermark(TimeSpan lateness, TimeProvider clock)
{
    /// <summary>A queue that claims to be further ahead of the wall clock than this is not believed.</summary>
    private static readonly TimeSpan Believable = TimeSpan.FromDays(1);

    private readonly Reading _started = new(clock.GetUtcNow(), clock.GetTimestamp());
    private Reading _told; // the latest time that it must be at the least, as messages tell
    private DateTimeOffset _newest = DateTimeOffset.MinValue;
    private long? _laggedAt; // when something last came that had waited for longer than the lateness

    /// <summary>Never moves back.</summary>
    public DateTimeOffset Current { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>
    /// What time it is, whatever becomes of the wall clock. One that jumps ahead moves nothing: from the start on only what the other clock counts has passed. One that
    /// is behind, as a wrong one at the start may be, is overruled by the queue's own: it is no earlier than when a message was sent.
    /// </summary>
    private DateTimeOffset Present
    {
        get
        {
            var (now, counted, told) = (clock.GetUtcNow(), _started.Later(clock), _told.Later(clock));
            var own = now < counted ? now : counted;
            return told > own ? told : own;
        }
    }

    /// <summary>A batch has been judged.</summary>
    /// <param name="newest">The newest eventTime in it.</param>
    /// <param name="sentAt">When it was put into the queue.</param>
    public void Observe(DateTimeOffset? newest, DateTimeOffset? sentAt)
    {
        var now = clock.GetUtcNow();
        Learn(newest < now ? newest : null);
        Learn(sentAt - now < Believable ? sentAt : null);
        var present = Present;
        if (newest > _newest)
        {
            _newest = newest.Value < present ? newest.Value : present;
        }
        if (present - sentAt > lateness)
        {
            _laggedAt = clock.GetTimestamp();
        }
        if (_laggedAt is null || clock.GetElapsedTime(_laggedAt.Value) > lateness)
        {
            MoveTo(_newest);
        }
    }

    /// <summary>The source has found itself empty: whatever happened before now, less the lateness, has arrived.</summary>
    public void Idle()
    {
        _laggedAt = null;
        MoveTo(Present);
    }

    /// <summary>Others have found that everything before a time has arrived.</summary>
    public void Reach(DateTimeOffset time)
    {
        if (time > Current)
        {
            Current = time;
        }
    }

    private void Learn(DateTimeOffset? time)
    {
        if (time > _told.Later(clock))
        {
            _told = new Reading(time.Value, clock.GetTimestamp());
        }
    }

    private void MoveTo(DateTimeOffset time)
    {
        if (time - DateTimeOffset.MinValue > lateness)
        {
            Reach(time - lateness);
        }
    }

    /// <summary>A time, and what the clock that only counts showed then.</summary>
    private readonly record struct Reading(DateTimeOffset Time, long Stamp)
    {
        /// <summary>The time that it is now, if it was that time then.</summary>
        public DateTimeOffset Later(TimeProvider clock)
        {
            var passed = clock.GetElapsedTime(Stamp);
            return DateTimeOffset.MaxValue - Time > passed ? Time + passed : DateTimeOffset.MaxValue;
        }
    }
}

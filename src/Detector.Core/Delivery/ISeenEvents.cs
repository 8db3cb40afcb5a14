using Detector.Core.Events;

namespace Detector.Core.Delivery;

/// <summary>
/// Which events the live path was done with, whether or not a rule wanted them, so that an archive can later tell which never came. An event is remembered by the
/// first 8 bytes of its <see cref="EventIdentity"/>.
/// </summary>
public interface ISeenEvents
{
    /// <summary>
    /// Since when everything that came is remembered: when remembering began, or later if what came before that is forgotten by now. Of hours from before it knows some:
    /// either all that came of them since remembering began, or nothing.
    /// </summary>
    ValueTask<DateTimeOffset> BeganAsync(CancellationToken cancellation);

    /// <summary>What is remembered of the hours that overlap a span, the oldest first, and before them events without an eventTime. An hour may come in several parts.</summary>
    IAsyncEnumerable<SeenHour> ReadAsync(TimeRange within, CancellationToken cancellation);
}

/// <summary>Remembers which events were seen.</summary>
public interface ISeenLog : ISeenEvents
{
    /// <summary>Remembers events. Those of an hour are forgotten together, some set time after the last of them came, however long ago they happened.</summary>
    ValueTask AddAsync(IReadOnlyList<SeenEvent> events, CancellationToken cancellation);
}

/// <summary>Events of one hour.</summary>
/// <param name="Hour">The hour of their times, as <see cref="SeenEvent.Hour"/> counts it.</param>
/// <param name="Identities">See <see cref="EventIdentity.ShortOf"/>; in no order, and those that came again twice.</param>
public readonly record struct SeenHour(int Hour, IReadOnlyList<ulong> Identities);

/// <summary>An event that was seen.</summary>
/// <param name="Hour">The hour of its eventTime, counted from the calendar's beginning; 0 if it has none.</param>
/// <param name="Identity">See <see cref="EventIdentity.ShortOf"/>.</param>
public readonly record struct SeenEvent(int Hour, ulong Identity)
{
    /// <summary>That a record was seen.</summary>
    public static SeenEvent Of(in CloudTrailEvent record) => new(HourOf(record.EventTime), EventIdentity.ShortOf(record));

    /// <summary>The hour that a time belongs to; 0 for none.</summary>
    public static int HourOf(DateTimeOffset? time) => time is { UtcTicks: var ticks } ? (int)(ticks / TimeSpan.TicksPerHour) : 0;

    /// <summary>The first and the last hour that a span overlaps.</summary>
    public static (int First, int Last) HoursOf(TimeRange span) => (HourOf(span.From), span.To is { } to ? HourOf(to) : int.MaxValue - 1);

    /// <summary>When an hour begins.</summary>
    public static DateTimeOffset BeginningOf(int hour) => new(hour * TimeSpan.TicksPerHour, TimeSpan.Zero);
}

/// <summary>Gathers the events of a batch as they are read.</summary>
internal sealed class SeenBatch : IRecordWitness
{
    private readonly List<SeenEvent> _events = [];

    public IReadOnlyList<SeenEvent> Events => _events;

    public void See(string origin, in CloudTrailEvent record, ReadOnlySpan<int> fields) => _events.Add(SeenEvent.Of(record));
}

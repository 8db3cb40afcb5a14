using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>
/// The statements behind the memory of events that were seen. What comes is put behind what came before it of the same hour, up to what fits on one page of the
/// file: a page is the least that is written anyway.
/// </summary>
internal static class SeenEvents
{
    private const int EventsOfRow = 500;
    private const int HourBits = 24;

    /// <summary>Remembers when remembering began; null forgets all, because from now on there are gaps.</summary>
    public static void Begin(SqliteSession session, DateTimeOffset? now)
    {
        if (now is null)
            session.RunScript("DELETE FROM seen; DELETE FROM seen_began");
        else
            session.Run("INSERT INTO seen_began (began) SELECT $now WHERE NOT EXISTS (SELECT 1 FROM seen_began)", ("$now", now.Value.UtcTicks));
    }

    public static DateTimeOffset? Began(SqliteSession session) =>
        session.Query("SELECT began FROM seen_began", row => new DateTimeOffset(row.GetInt64(0), TimeSpan.Zero)) is [var began, ..] ? began : null;

    public static int Keep(SqliteSession session, IReadOnlyList<SeenEvent> events, DateTimeOffset now)
    {
        foreach (var hour in events.GroupBy(seen => seen.Hour))
        {
            foreach (var some in hour.Chunk(EventsOfRow))
                Keep(session, hour.Key, SeenBytes.Of(some), now);
        }
        return events.Count;
    }

    /// <summary>Events of one row, in the order of hours.</summary>
    /// <param name="session">Reads.</param>
    /// <param name="after">The key of the row before: see <see cref="Before"/>.</param>
    /// <param name="last">The last hour that is wanted.</param>
    /// <param name="max">Rows.</param>
    public static List<(long Key, SeenHour Events)> Read(SqliteSession session, long after, int last, int max) =>
        session.Query(
            "SELECT key, events FROM seen WHERE key > $after AND key < $end ORDER BY key LIMIT $max",
            row => (row.GetInt64(0), new SeenHour((int)(row.GetInt64(0) >> HourBits), SeenBytes.Identities((byte[])row[1]))),
            ("$after", after),
            ("$end", First(last + 1)),
            ("$max", max)
        );

    /// <summary>The key behind which an hour's rows lie.</summary>
    public static long Before(int hour) => First(hour) - 1;

    /// <summary>
    /// Drops some rows of hours whose last event came before a time. An hour goes as a whole, or what is left of it would look as if nothing else had come; and
    /// remembering began then no earlier than that time.
    /// </summary>
    /// <returns>Whether there may be more of them.</returns>
    public static bool Prune(SqliteSession session, DateTimeOffset before, int step)
    {
        // The row of the highest number is the one that was added to last.
        var dropped = session.Run(
            $"""
            DELETE FROM seen WHERE key IN (
                SELECT key FROM seen AS old
                WHERE old.came < $before AND (SELECT came FROM seen AS last WHERE last.key < ((old.key >> {HourBits}) + 1) << {HourBits} ORDER BY last.key DESC LIMIT 1) < $before
                ORDER BY key LIMIT $step)
            """,
            ("$before", before.UtcTicks),
            ("$step", step)
        );
        if (dropped > 0)
            session.Run("UPDATE seen_began SET began = max(began, $before)", ("$before", before.UtcTicks));
        return dropped == step;
    }

    private static void Keep(SqliteSession session, int hour, byte[] events, DateTimeOffset now)
    {
        var newest = session.Number(
            "SELECT coalesce(max(key), 0) FROM seen WHERE key >= $first AND key < $end",
            ("$first", First(hour)),
            ("$end", First(hour + 1))
        );
        // || makes a text of the same bytes.
        var added = session.Run(
            "UPDATE seen SET events = CAST(events || $events AS BLOB), came = $now WHERE key = $key AND length(events) <= $room",
            ("$events", events),
            ("$now", now.UtcTicks),
            ("$key", newest),
            ("$room", EventsOfRow * SeenBytes.Size - events.Length)
        );
        if (added == 0)
        {
            session.Run(
                "INSERT INTO seen (key, came, events) VALUES ($key, $now, $events)",
                ("$key", newest == 0 ? First(hour) + 1 : newest + 1),
                ("$now", now.UtcTicks),
                ("$events", events)
            );
        }
    }

    private static long First(int hour) => (long)hour << HourBits;
}

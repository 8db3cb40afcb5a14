using Detector.Adapters.Sqlite;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.Adapters.Ledgers;

/// <summary>The statements behind the journal of hits.</summary>
internal static class Journal
{
    /// <summary>A place in the journal's order: event time, event, rule.</summary>
    public readonly record struct Place(long Time, string Event, string Rule)
    {
        public static Place Start { get; } = new(long.MinValue, "", "");

        public static Place Of(JournaledHit hit) => new(hit.Time.UtcTicks, hit.Event.Value, hit.RuleId);
    }

    public static int Keep(SqliteSession session, IReadOnlyList<JournaledHit> hits)
    {
        var kept = 0;
        foreach (var hit in hits)
        {
            kept += session.Run(
                """
                INSERT INTO journal (rule, event, time, origin, place, record)
                VALUES ($rule, $event, $time, $origin, $place, $record)
                ON CONFLICT DO NOTHING
                """,
                ("$rule", hit.RuleId),
                ("$event", hit.Event.Value),
                ("$time", hit.Time.UtcTicks),
                ("$origin", hit.Origin),
                ("$place", hit.Index),
                ("$record", hit.Record.ToArray())
            );
        }
        return kept;
    }

    /// <summary>The hits that follow a place.</summary>
    public static List<JournaledHit> Read(SqliteSession session, Place after, int max) =>
        session.Query(
            """
            SELECT rule, event, time, origin, place, record FROM journal
            WHERE (time, event, rule) > ($time, $event, $rule)
            ORDER BY time, event, rule LIMIT $max
            """,
            row => new JournaledHit(
                row.GetString(0),
                new EventIdentity(row.GetString(1)),
                new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero),
                (byte[])row[5],
                row.GetString(3),
                row.GetInt32(4)
            ),
            ("$time", after.Time),
            ("$event", after.Event),
            ("$rule", after.Rule),
            ("$max", max)
        );

    /// <returns>How many hits were dropped: <paramref name="step"/> if there may be more.</returns>
    public static int Forget(SqliteSession session, DateTimeOffset before, int step) =>
        session.Run(
            "DELETE FROM journal WHERE key IN (SELECT key FROM journal WHERE time < $before LIMIT $step)",
            ("$before", before.UtcTicks),
            ("$step", step)
        );
}

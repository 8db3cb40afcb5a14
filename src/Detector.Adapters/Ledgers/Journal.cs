using Detector.Adapters.Sqlite;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.Adapters.Ledgers;

/// <summary>
/// The statements behind the journal of hits. A hit that is forgotten loses its record and stays as a name, so that the same event delivered again is known.
/// </summary>
internal static class Journal
{
    /// <summary>A place in the journal's order: event time, then the order of arrival.</summary>
    public readonly record struct Place(long Time, long Key)
    {
        public static Place Start { get; } = new(long.MinValue, 0);
    }

    /// <returns>Those of the hits that were not known.</returns>
    public static List<JournaledHit> Keep(SqliteSession session, IReadOnlyList<JournaledHit> hits)
    {
        var kept = new List<JournaledHit>();
        foreach (var hit in hits)
        {
            var added = session.Run(
                """
                INSERT INTO journal (correlation, rule, event, time, origin, place, sent, record)
                VALUES ($correlation, $rule, $event, $time, $origin, $place, $sent, $record)
                ON CONFLICT DO NOTHING
                """,
                ("$correlation", hit.Key.For),
                ("$rule", hit.Key.Rule),
                ("$event", hit.Key.Event.Value),
                ("$time", hit.Time.UtcTicks),
                ("$origin", hit.Origin),
                ("$place", hit.Index),
                ("$sent", hit.SentAt?.UtcTicks),
                ("$record", hit.Record.ToArray())
            );
            if (added == 1)
                kept.Add(hit);
        }
        return kept;
    }

    /// <summary>The hits that follow a place, each with its own place.</summary>
    public static List<(Place Place, JournaledHit Hit)> Read(SqliteSession session, Place after, int max) =>
        session.Query(
            """
            SELECT key, correlation, rule, event, time, origin, place, record, sent FROM journal
            WHERE record IS NOT NULL AND (time, key) > ($time, $key)
            ORDER BY time, key LIMIT $max
            """,
            row =>
                (
                    new Place(row.GetInt64(4), row.GetInt64(0)),
                    new JournaledHit(
                        new HitKey(row.Text(1), row.Text(2), new EventIdentity(row.Text(3))),
                        new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero),
                        (byte[])row[7],
                        row.Text(5),
                        row.GetInt32(6)
                    )
                    {
                        SentAt = row.IsDBNull(8) ? null : new DateTimeOffset(row.GetInt64(8), TimeSpan.Zero),
                    }
                ),
            ("$time", after.Time),
            ("$key", after.Key),
            ("$max", max)
        );

    /// <summary>A hit may be forgotten before it is journaled, because outcomes are written down in parallel: it is then known as forgotten all the same.</summary>
    public static int Forget(SqliteSession session, IReadOnlyList<HitKey> hits, DateTimeOffset now)
    {
        foreach (var hit in hits)
        {
            session.Run(
                """
                INSERT INTO journal (correlation, rule, event, time, origin, place, forgotten_at)
                VALUES ($correlation, $rule, $event, 0, '', 0, $now)
                ON CONFLICT DO UPDATE SET record = NULL, forgotten_at = $now WHERE record IS NOT NULL
                """,
                ("$now", now.UtcTicks),
                ("$event", hit.Event.Value),
                ("$rule", hit.Rule),
                ("$correlation", hit.For)
            );
        }
        return hits.Count;
    }

    /// <summary>Drops the names of some hits that were forgotten before a time.</summary>
    /// <returns>Whether there may be more of them.</returns>
    public static bool Prune(SqliteSession session, DateTimeOffset before, int step) =>
        session.Run(
            "DELETE FROM journal WHERE key IN (SELECT key FROM journal WHERE forgotten_at < $before LIMIT $step)",
            ("$before", before.UtcTicks),
            ("$step", step)
        ) == step;
}

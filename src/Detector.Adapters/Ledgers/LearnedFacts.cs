using Detector.Adapters.Sqlite;
using Detector.Core.Detection.History;

namespace Detector.Adapters.Ledgers;

/// <summary>The statements behind what history learned.</summary>
internal static class LearnedFacts
{
    public static int Keep(SqliteSession session, IReadOnlyList<LearnedFact> facts)
    {
        foreach (var fact in facts)
        {
            session.Run(
                """
                INSERT INTO history (entity, name, value, time) VALUES ($entity, $name, $value, $time)
                ON CONFLICT DO UPDATE SET value = excluded.value
                """,
                ("$entity", fact.Entity),
                ("$name", fact.Name),
                ("$value", fact.Value),
                ("$time", fact.Time.UtcTicks)
            );
            session.Run(
                """
                DELETE FROM history WHERE entity = $entity AND name = $name AND time < (
                    SELECT MAX(time) FROM history WHERE entity = $entity AND name = $name
                        AND time <= (SELECT MAX(time) FROM history WHERE entity = $entity AND name = $name) - $kept)
                """,
                ("$entity", fact.Entity),
                ("$name", fact.Name),
                ("$kept", LearnedFact.Kept.Ticks)
            );
        }
        return facts.Count;
    }

    /// <summary>Removes some of the sessions that had ended, in event time, when the newest began. Returns whether there may be more.</summary>
    public static bool Prune(SqliteSession session, int max) =>
        session.Run(
            """
            DELETE FROM history WHERE (entity, name, time) IN (
                SELECT entity, name, time FROM history WHERE entity > $first AND entity < $last
                    AND time < (SELECT MAX(time) FROM history WHERE entity > $first AND entity < $last) - $kept LIMIT $max)
            """,
            ("$first", LearnedFact.OfSession),
            ("$last", LearnedFact.OfSession + char.MaxValue),
            ("$kept", LearnedFact.SessionKept.Ticks),
            ("$max", max)
        ) == max;

    /// <summary>The facts that follow one, by entity, name and time.</summary>
    public static List<LearnedFact> Read(SqliteSession session, (string Entity, string Name, long Time) after, int max) =>
        session.Query(
            "SELECT entity, name, value, time FROM history WHERE (entity, name, time) > ($entity, $name, $time) ORDER BY entity, name, time LIMIT $max",
            row => new LearnedFact(row.Text(0), row.Text(1), row.IsDBNull(2) ? null : row.Text(2), new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero)),
            ("$entity", after.Entity),
            ("$name", after.Name),
            ("$time", after.Time),
            ("$max", max)
        );
}

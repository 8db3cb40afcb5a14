using Detector.Adapters.Sqlite;
using Detector.Core.Detection.History;

namespace Detector.Adapters.Ledgers;

/// <summary>The statements behind what history learned.</summary>
internal static class LearnedFacts
{
    public static int Keep(SqliteSession session, IEnumerable<LearnedFact> facts)
    {
        var kept = 0;
        foreach (var fact in facts)
        {
            kept += session.Run(
                """
                INSERT INTO history (entity, name, value, time) VALUES ($entity, $name, $value, $time)
                ON CONFLICT DO UPDATE SET value = excluded.value
                """,
                ("$entity", fact.Entity),
                ("$name", fact.Name),
                ("$value", fact.Value),
                ("$time", fact.Time.UtcTicks)
            );
        }
        return kept;
    }

    public static int Drop(SqliteSession session, IEnumerable<FactKey> facts)
    {
        var dropped = 0;
        foreach (var fact in facts)
        {
            dropped += session.Run(
                "DELETE FROM history WHERE entity = $entity AND name = $name AND time = $time",
                ("$entity", fact.Entity),
                ("$name", fact.Name),
                ("$time", fact.Time.UtcTicks)
            );
        }
        return dropped;
    }

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

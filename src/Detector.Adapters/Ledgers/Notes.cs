using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>The statements behind what sinks keep for themselves. Those that write run inside a transaction of the writer's.</summary>
internal static class Notes
{
    /// <summary>All of the notes, or none if one of their keys holds something else than the sink knows of.</summary>
    public static bool Keep(SqliteSession session, string sink, IReadOnlyList<SinkNote> notes, DateTimeOffset now)
    {
        if (notes.Any(note => Find(session, sink, note.Key) != note.Was))
            return false;
        foreach (var note in notes)
        {
            session.Run(
                """
                INSERT INTO notes (sink, name, value, written) VALUES ($sink, $name, $value, $now)
                ON CONFLICT DO UPDATE SET value = excluded.value, written = excluded.written
                """,
                ("$sink", sink),
                ("$name", note.Key),
                ("$value", note.Value),
                ("$now", now.UtcTicks)
            );
        }
        return true;
    }

    public static string? Find(SqliteSession session, string sink, string key) =>
        session.Query("SELECT value FROM notes WHERE sink = $sink AND name = $name", row => row.Text(0), ("$sink", sink), ("$name", key)).FirstOrDefault();

    /// <summary>Forgets some of the notes written before a time. Returns whether there may be more of them.</summary>
    public static bool Prune(SqliteSession session, DateTimeOffset before, int step) =>
        session.Run(
            "DELETE FROM notes WHERE (sink, name) IN (SELECT sink, name FROM notes WHERE written < $before LIMIT $step)",
            ("$before", before.UtcTicks),
            ("$step", step)
        ) == step;
}

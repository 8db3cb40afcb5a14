using Detector.Adapters.Sqlite;

namespace Detector.Adapters.Http;

/// <summary>The statements behind the items set aside.</summary>
internal static class SpoolDead
{
    /// <summary>Moves an item out of the queue, and drops the oldest set aside while they hold more than a number of bytes.</summary>
    /// <returns>How many were dropped.</returns>
    public static int SetAside(SqliteSession session, long id, int returns, DateTimeOffset now, long maxBytes)
    {
        session.Run(
            """
            INSERT INTO dead (id, received_at, returns, set_aside_at, body)
            SELECT id, received_at, $returns, $now, body FROM items WHERE id = $id
            """,
            ("$returns", returns),
            ("$now", now.UtcTicks),
            ("$id", id)
        );
        session.Run("DELETE FROM items WHERE id = $id", ("$id", id));
        return session.Run(
            """
            DELETE FROM dead WHERE id <> $id AND id IN (
                SELECT id FROM (SELECT id, sum(length(body)) OVER (ORDER BY set_aside_at DESC, id DESC) AS total FROM dead)
                WHERE total > $most)
            """,
            ("$id", id),
            ("$most", maxBytes)
        );
    }
}

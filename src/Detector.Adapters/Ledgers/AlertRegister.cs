using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>The statements by which people look into the outbox, and have an alert sent again.</summary>
internal static class AlertRegister
{
    /// <summary>An alert still in the form in which it is kept.</summary>
    public readonly record struct Entry(
        long Key,
        string Id,
        DateTimeOffset AcceptedAt,
        long Suppressed,
        long Repeats,
        byte[] Body,
        List<LedgerDelivery> Deliveries
    );

    /// <summary>Alerts that were accepted before one, the last first.</summary>
    public static List<Entry> Read(SqliteSession session, AlertQuery query, long before, int max) =>
        session
            .Query(
                """
                SELECT a.key, a.id, a.accepted_at, a.suppressed, (SELECT count(*) FROM repeats r WHERE r.alert = a.key), a.body FROM alerts a
                WHERE a.key < $before AND a.accepted_at >= $from AND a.accepted_at < $to AND a.id >= $first AND a.id < $last
                ORDER BY a.key DESC LIMIT $max
                """,
                row => new Entry(row.GetInt64(0), row.Text(1), ToTime(row.GetInt64(2)), row.GetInt64(3), row.GetInt64(4), (byte[])row[5], []),
                ("$before", before),
                ("$from", query.From?.UtcTicks ?? 0),
                ("$to", query.To?.UtcTicks ?? long.MaxValue),
                ("$first", query.IdPrefix),
                // Ids are of hexadecimal digits, which all come before this.
                ("$last", query.IdPrefix + "~"),
                ("$max", max)
            )
            .ConvertAll(entry => entry with { Deliveries = Deliveries(session, entry.Key) });

    /// <summary>Opens deliveries that are settled and makes those due that wait, but for those under a lease. Returns the sinks of all that there are.</summary>
    public static List<DispatchKey> Resend(SqliteSession session, AlertId alert, string? sink, DateTimeOffset now)
    {
        session.Run(
            """
            UPDATE deliveries SET resent = resent + (state = 1), state = 0, due_at = $now, settled_at = NULL, digest = NULL, lease_owner = NULL
            WHERE alert = (SELECT key FROM alerts WHERE id = $id) AND ($sink IS NULL OR sink = $sink)
                AND (state <> 0 OR lease_owner IS NULL OR due_at <= $now)
            """,
            ("$now", now.UtcTicks),
            ("$id", alert.Value),
            ("$sink", sink)
        );
        return session.Query(
            "SELECT sink FROM deliveries WHERE alert = (SELECT key FROM alerts WHERE id = $id) AND ($sink IS NULL OR sink = $sink) ORDER BY sink",
            row => new DispatchKey(alert, row.Text(0)),
            ("$id", alert.Value),
            ("$sink", sink)
        );
    }

    private static List<LedgerDelivery> Deliveries(SqliteSession session, long alert) =>
        session.Query(
            "SELECT sink, state, attempts, due_at, reason, settled_at, digest FROM deliveries WHERE alert = $alert ORDER BY sink",
            row => new LedgerDelivery(
                row.Text(0),
                (DeliveryState)row.GetInt32(1),
                row.GetInt32(2),
                ToTime(row.GetInt64(3)),
                row.Text(4),
                row.IsDBNull(5) ? null : ToTime(row.GetInt64(5)),
                row.IsDBNull(6) ? null : new AlertId(row.Text(6))
            ),
            ("$alert", alert)
        );

    private static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);
}

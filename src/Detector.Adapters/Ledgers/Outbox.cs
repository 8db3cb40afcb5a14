using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>The statements behind alerts and their deliveries. Each method runs inside a transaction of the writer's.</summary>
internal static class Outbox
{
    /// <summary>Nothing waits for longer: what is due later was put down before the clock was set back. So was what nobody has tried yet and is due later at all.</summary>
    private static readonly TimeSpan Longest = 1.5 * DispatcherOptions.LongestAsked;

    /// <summary>An entry with its alert already in the form in which it is kept.</summary>
    public readonly record struct Entry(OutboxEntry Offered, byte[] Body);

    public static List<DispatchKey> Accept(SqliteSession session, IReadOnlyList<Entry> entries, DateTimeOffset now)
    {
        var alerts = new Dictionary<long, AlertId>();
        foreach (var entry in entries)
        {
            var key = Remember(session, entry, now);
            foreach (var sink in entry.Offered.Sinks)
            {
                session.Run(
                    "INSERT INTO deliveries (alert, sink, due_at) VALUES ($alert, $sink, $now) ON CONFLICT DO NOTHING",
                    ("$alert", key),
                    ("$sink", sink),
                    ("$now", now.UtcTicks)
                );
            }
            alerts.TryAdd(key, entry.Offered.Alert.Id);
        }

        var open = new List<DispatchKey>();
        foreach (var (key, id) in alerts)
        {
            open.AddRange(
                session.Query("SELECT sink FROM deliveries WHERE alert = $alert AND state = 0", row => new DispatchKey(id, row.Text(0)), ("$alert", key))
            );
        }
        return open;
    }

    public static List<Claim> Lease(SqliteSession session, string sink, int max, TimeSpan lease, string owner, DateTimeOffset now)
    {
        const string Columns = "SELECT d.alert, a.id, d.attempts, a.suppressed, a.body, d.digest, d.resent FROM deliveries d JOIN alerts a ON a.key = d.alert";
        session.Run(
            """
            UPDATE deliveries SET due_at = $now
            WHERE state = 0 AND sink = $sink AND due_at > $now AND (due_at > $longest OR (attempts = 0 AND digest IS NULL))
            """,
            ("$now", now.UtcTicks),
            ("$sink", sink),
            ("$longest", (now + Longest).UtcTicks)
        );
        var due = session.Query(
            Columns + " WHERE d.state = 0 AND d.sink = $sink AND d.due_at <= $now ORDER BY d.due_at, d.alert LIMIT $max",
            ToClaim,
            ("$sink", sink),
            ("$now", now.UtcTicks),
            ("$max", max)
        );
        foreach (var digest in due.Select(row => row.Claim.Digest).OfType<AlertId>().Distinct().ToList())
        {
            due.RemoveAll(row => row.Claim.Digest == digest);
            due.AddRange(
                session.Query(
                    Columns + " WHERE d.state = 0 AND d.sink = $sink AND d.digest = $digest AND (d.lease_owner IS NULL OR d.due_at <= $now) ORDER BY d.alert",
                    ToClaim,
                    ("$now", now.UtcTicks),
                    ("$sink", sink),
                    ("$digest", digest.Value)
                )
            );
        }
        foreach (var (key, _) in due)
        {
            session.Run(
                "UPDATE deliveries SET due_at = $until, lease_owner = $owner, attempts = attempts + 1 WHERE alert = $alert AND sink = $sink",
                ("$until", (now + lease).UtcTicks),
                ("$owner", owner),
                ("$alert", key),
                ("$sink", sink)
            );
        }
        return due.ConvertAll(row => row.Claim);
    }

    /// <summary>A delivery is in one digest at most: those that are in one stay there.</summary>
    public static int Gather(SqliteSession session, AlertId digest, IReadOnlyList<DispatchKey> dispatches, DateTimeOffset dueAt) =>
        dispatches.Sum(dispatch =>
            session.Run(
                """
                UPDATE deliveries SET digest = $digest, due_at = $due, lease_owner = NULL
                WHERE alert = (SELECT key FROM alerts WHERE id = $id) AND sink = $sink AND state = 0 AND digest IS NULL
                """,
                ("$digest", digest.Value),
                ("$due", dueAt.UtcTicks),
                ("$id", dispatch.Alert.Value),
                ("$sink", dispatch.Sink)
            )
        );

    /// <summary>What is settled stays so: a claim that outlived its lease cannot open a delivery again.</summary>
    public static int Settle(SqliteSession session, DispatchKey dispatch, Settlement settlement, DateTimeOffset now)
    {
        var final = settlement.Outcome is not SinkOutcome.Retry;
        return session.Run(
            """
            UPDATE deliveries SET state = $state, due_at = $due, lease_owner = NULL, reason = $reason, settled_at = $settled
            WHERE alert = (SELECT key FROM alerts WHERE id = $id) AND sink = $sink AND state = 0
            """,
            (
                "$state",
                settlement.Outcome switch
                {
                    SinkOutcome.Delivered => 1,
                    SinkOutcome.Refused => 2,
                    _ => 0,
                }
            ),
            ("$due", (settlement.DueAt ?? now).UtcTicks),
            ("$reason", settlement.Reason),
            ("$settled", final ? now.UtcTicks : null),
            ("$id", dispatch.Alert.Value),
            ("$sink", dispatch.Sink)
        );
    }

    /// <summary>Ends every lease. True to its name only where no other process can hold one.</summary>
    public static void ReleaseAll(SqliteSession session) =>
        session.Run(
            """
            UPDATE deliveries SET lease_owner = NULL, due_at = (SELECT accepted_at FROM alerts WHERE key = alert)
            WHERE state = 0 AND lease_owner IS NOT NULL
            """
        );

    public static OutboxState State(SqliteSession session, string? sink) =>
        sink is null
            ? session.First("SELECT count(*), min(due_at) FROM deliveries WHERE state = 0", ToState)
            : session.First("SELECT count(*), min(due_at) FROM deliveries WHERE state = 0 AND sink = $sink", ToState, ("$sink", sink));

    /// <summary>Forgets some of the alerts accepted before a time of which nothing is pending any more.</summary>
    /// <returns>Whether there may be more of them.</returns>
    public static bool Prune(SqliteSession session, DateTimeOffset before, int step)
    {
        // Repeats go first and by themselves: one alert may have a million.
        var repeats = session.Run(
            """
            DELETE FROM repeats WHERE (alert, event) IN (
                SELECT r.alert, r.event FROM alerts a JOIN repeats r ON r.alert = a.key
                WHERE a.accepted_at < $before AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert = a.key AND d.state = 0)
                LIMIT $step)
            """,
            ("$before", before.UtcTicks),
            ("$step", step)
        );
        var alerts = session.Run(
            """
            DELETE FROM alerts WHERE key IN (
                SELECT key FROM alerts a
                WHERE accepted_at < $before AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert = a.key AND d.state = 0)
                    AND NOT EXISTS (SELECT 1 FROM repeats r WHERE r.alert = a.key)
                LIMIT $step)
            """,
            ("$before", before.UtcTicks),
            ("$step", step)
        );
        return repeats == step || alerts == step;
    }

    private static (long Key, Claim Claim) ToClaim(SqliteDataReader row) =>
        (row.GetInt64(0), new Claim(new AlertId(row.Text(1)), row.GetInt32(2) + 1, row.GetInt64(3), (byte[])row[4], ToDigest(row, 5), row.GetInt32(6)));

    private static AlertId? ToDigest(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : new AlertId(row.Text(column));

    private static OutboxState ToState(SqliteDataReader row) =>
        new(row.GetInt64(0), row.IsDBNull(1) ? null : new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero));

    /// <summary>Takes an alert whose id is new; of one that is known, counts the event unless it was counted before.</summary>
    private static long Remember(SqliteSession session, Entry entry, DateTimeOffset now)
    {
        var (alert, @event) = (entry.Offered.Alert, entry.Offered.Event);
        var known = session.First("SELECT key, event FROM alerts WHERE id = $id", row => (Key: row.GetInt64(0), Event: row.Text(1)), ("$id", alert.Id.Value));
        if (known.Event is null)
            return Insert(session, entry, now);

        var isAnother = new EventIdentity(known.Event) != @event;
        if (
            isAnother
            && session.Run("INSERT INTO repeats (alert, event) VALUES ($alert, $event) ON CONFLICT DO NOTHING", ("$alert", known.Key), ("$event", @event.Value))
                == 1
        )
            session.Run("UPDATE alerts SET waiting = waiting + 1 WHERE key = $alert", ("$alert", known.Key));
        return known.Key;
    }

    private static long Insert(SqliteSession session, Entry entry, DateTimeOffset now)
    {
        var alert = entry.Offered.Alert;
        var suppressed = session.Number(
            "SELECT ifnull(sum(waiting), 0) FROM alerts WHERE rule = $rule AND grp IS $group AND waiting > 0",
            ("$rule", alert.Rule.Id),
            ("$group", alert.Group)
        );
        if (suppressed > 0)
        {
            session.Run(
                "UPDATE alerts SET waiting = 0 WHERE rule = $rule AND grp IS $group AND waiting > 0",
                ("$rule", alert.Rule.Id),
                ("$group", alert.Group)
            );
        }
        return session.Number(
            """
            INSERT INTO alerts (id, rule, grp, event, suppressed, accepted_at, body)
            VALUES ($id, $rule, $group, $event, $suppressed, $now, $body) RETURNING key
            """,
            ("$id", alert.Id.Value),
            ("$rule", alert.Rule.Id),
            ("$group", alert.Group),
            ("$event", entry.Offered.Event.Value),
            ("$suppressed", suppressed),
            ("$now", now.UtcTicks),
            ("$body", entry.Body)
        );
    }
}

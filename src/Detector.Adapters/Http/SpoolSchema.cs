using Detector.Adapters.Sqlite;

namespace Detector.Adapters.Http;

/// <summary>The spool's tables. Times are .NET ticks in UTC.</summary>
internal static class SpoolSchema
{
    public static SqliteSchema Value { get; } =
        new(
            "spool",
            0x44745370, // "DtSp"
            [
                """
                CREATE TABLE items (
                    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, so ids are the order of arrival
                    received_at INTEGER NOT NULL,
                    returns     INTEGER NOT NULL DEFAULT 0,
                    body        BLOB NOT NULL
                ) STRICT;

                -- What came back too often: the spool's own dead-letter queue.
                CREATE TABLE dead (
                    id           INTEGER PRIMARY KEY,
                    received_at  INTEGER NOT NULL,
                    returns      INTEGER NOT NULL,
                    set_aside_at INTEGER NOT NULL,
                    body         BLOB NOT NULL
                ) STRICT;
                """,
            ]
        );
}

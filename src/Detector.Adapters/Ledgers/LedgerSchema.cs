using Detector.Adapters.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>
/// The ledger's tables. Times are .NET ticks in UTC, exact to the last digit because replay must equal live; to read one by hand:
/// <c>datetime(accepted_at / 10000000 - 62135596800, 'unixepoch')</c>.
/// </summary>
internal static class LedgerSchema
{
    public static SqliteSchema Value { get; } =
        new(
            "ledger",
            0x44744C67, // "DtLg"
            [
                """
                CREATE TABLE alerts (
                    key         INTEGER PRIMARY KEY,
                    id          TEXT NOT NULL UNIQUE,
                    rule        TEXT NOT NULL,
                    grp         TEXT,
                    event       TEXT NOT NULL,              -- the event it was accepted with
                    waiting     INTEGER NOT NULL DEFAULT 0, -- its repeats that no later alert has told of yet
                    suppressed  INTEGER NOT NULL,           -- repeats of earlier alerts that this one tells of
                    accepted_at INTEGER NOT NULL,
                    body        BLOB NOT NULL               -- JSON
                ) STRICT;
                CREATE INDEX alerts_waiting ON alerts (rule, grp) WHERE waiting > 0;
                CREATE INDEX alerts_age ON alerts (accepted_at);

                CREATE TABLE deliveries (
                    alert       INTEGER NOT NULL REFERENCES alerts (key) ON DELETE CASCADE,
                    sink        TEXT NOT NULL,
                    state       INTEGER NOT NULL DEFAULT 0, -- 0 pending, 1 delivered, 2 refused for good
                    attempts    INTEGER NOT NULL DEFAULT 0,
                    due_at      INTEGER NOT NULL,           -- when it may be claimed; while it is leased: when the lease ends
                    lease_owner TEXT,                       -- the process that holds the lease
                    reason      TEXT NOT NULL DEFAULT '',   -- why the last try did not deliver
                    settled_at  INTEGER,
                    PRIMARY KEY (alert, sink)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX deliveries_due ON deliveries (sink, due_at, alert) WHERE state = 0;

                CREATE TABLE repeats (
                    alert INTEGER NOT NULL REFERENCES alerts (key) ON DELETE CASCADE,
                    event TEXT NOT NULL,
                    PRIMARY KEY (alert, event)
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE journal (
                    key          INTEGER PRIMARY KEY,
                    correlation  TEXT NOT NULL,             -- what waits for the hit: a correlation, or its own rule
                    rule         TEXT NOT NULL,
                    event        TEXT NOT NULL,
                    time         INTEGER NOT NULL,
                    origin       TEXT NOT NULL,
                    place        INTEGER NOT NULL,
                    record       BLOB,                      -- NULL once the hit is forgotten
                    forgotten_at INTEGER,
                    UNIQUE (event, rule, correlation)
                ) STRICT;
                CREATE INDEX journal_time ON journal (time, key) WHERE record IS NOT NULL;
                CREATE INDEX journal_forgotten ON journal (forgotten_at) WHERE forgotten_at IS NOT NULL;

                CREATE TABLE rejected (
                    key        INTEGER PRIMARY KEY,
                    id         TEXT NOT NULL UNIQUE,        -- hash of origin, place and content
                    origin     TEXT NOT NULL,
                    place      INTEGER NOT NULL,
                    offset     INTEGER NOT NULL,
                    reason     TEXT NOT NULL,
                    first_seen INTEGER NOT NULL,
                    last_seen  INTEGER NOT NULL,
                    times      INTEGER NOT NULL DEFAULT 1,
                    content    BLOB NOT NULL
                ) STRICT;
                CREATE INDEX rejected_age ON rejected (last_seen);
                """,
                """
                CREATE TABLE history (
                    entity TEXT NOT NULL,                   -- what it is about, such as "user 111122223333 ann"
                    name   TEXT NOT NULL,
                    value  TEXT,                            -- NULL if it is so no more
                    time   INTEGER NOT NULL,                -- of the event that told it
                    PRIMARY KEY (entity, name, time)
                ) STRICT, WITHOUT ROWID;
                """,
                """
                CREATE TABLE notes (
                    sink    TEXT NOT NULL,                  -- whose note it is
                    name    TEXT NOT NULL,
                    value   TEXT NOT NULL,
                    written INTEGER NOT NULL,
                    PRIMARY KEY (sink, name)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX notes_age ON notes (written);
                """,
                """
                CREATE TABLE seen (
                    key    INTEGER PRIMARY KEY,             -- the hour of the events' times << 24 | a number within it
                    came   INTEGER NOT NULL,                -- when the last of them came
                    events BLOB NOT NULL                    -- 8 bytes each
                ) STRICT;
                CREATE TABLE seen_began (
                    began INTEGER NOT NULL
                ) STRICT;
                """,
                """
                ALTER TABLE deliveries ADD COLUMN digest TEXT; -- what it is sent with; NULL: by itself
                CREATE INDEX deliveries_digest ON deliveries (sink, digest) WHERE state = 0 AND digest IS NOT NULL;
                """,
                """
                -- How often somebody had it sent again.
                ALTER TABLE deliveries ADD COLUMN resent INTEGER NOT NULL DEFAULT 0
                """,
                """
                -- When its batch was handed to the source; NULL: not known.
                ALTER TABLE journal ADD COLUMN sent INTEGER
                """,
            ]
        );
}

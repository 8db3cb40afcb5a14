using Detector.Adapters.Sqlite;
using Detector.Core;
using Microsoft.Data.Sqlite;

namespace Detector.Tests.Adapters.Sqlite;

public sealed class SqliteStoreTests : IDisposable, IProgress<Notice>
{
    private static readonly SqliteSchema First = new("notebook", 77, ["CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;"]);
    private static readonly SqliteSchema Second = First with
    {
        Steps = [.. First.Steps, "ALTER TABLE lines ADD COLUMN author TEXT; CREATE INDEX lines_author ON lines (author);"],
    };

    private readonly Scratch _scratch = new();
    private readonly List<string> _told = [];

    void IProgress<Notice>.Report(Notice value) => _told.Add(value.Message);

    private DamagedFile Aside => new("notebook", "Its lines are there.", TimeProvider.System, this);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => _scratch.File("notebook.db");

    public void Dispose() => _scratch.Dispose();

    private static Task<int> Write(SqliteStore store, string? text) =>
        store.WriteAsync(session => session.Run("INSERT INTO lines (text) VALUES ($text)", ("$text", text)), Cancel);

    /// <summary>Keeps the store busy, so that what is written meanwhile waits together.</summary>
    private static Task<int> Hold(SqliteStore store, ManualResetEventSlim until) =>
        store.WriteAsync(
            _ =>
            {
                until.Wait(Cancel);
                return 0;
            },
            Cancel
        );

    private static long Count(SqliteStore store) => store.Read(session => session.Number("SELECT count(*) FROM lines"));

    [Fact]
    public async Task Open_NewFile_IsDurableAndItsOwnersAlone()
    {
        var nested = _scratch.File("var/lib/notebook.db");

        await using var store = SqliteStore.Open(nested, First);
        await Write(store, "a");

        Assert.Equal("wal", Scratch.Ask(nested, "PRAGMA journal_mode"));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var side in (string[])["", "-wal", "-shm", ".lock"])
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(nested + side));
        }
        Assert.Equal(2, await store.WriteAsync(session => session.Number("PRAGMA synchronous"), Cancel));
        Assert.Equal(1, await store.WriteAsync(session => session.Number("PRAGMA foreign_keys"), Cancel));
    }

    [Fact]
    public async Task Open_OlderForm_BringsItForwardWithItsContent()
    {
        await using (var old = SqliteStore.Open(File, First))
            await Write(old, "a");

        await using var store = SqliteStore.Open(File, Second);
        await store.WriteAsync(session => session.Run("UPDATE lines SET author = 'me'"), Cancel);

        Assert.Equal("a by me", Scratch.Ask(File, "SELECT text || ' by ' || author FROM lines"));
        Assert.Equal(2L, Scratch.Ask(File, "PRAGMA user_version"));
    }

    [Fact]
    public async Task Open_StepFails_LeavesTheOldFormWhole()
    {
        await using (var old = SqliteStore.Open(File, First))
            await Write(old, "a");
        var broken = First with { Steps = [.. First.Steps, "ALTER TABLE lines ADD COLUMN author TEXT; ALTER TABLE nowhere ADD COLUMN x;"] };

        Assert.Throws<SqliteException>(() => SqliteStore.Open(File, broken));

        await using var store = SqliteStore.Open(File, Second);
        Assert.Equal(1, Count(store));
    }

    [Fact]
    public async Task Open_NewerForm_IsRefusedAndUntouched()
    {
        await SqliteStore.Open(File, Second).DisposeAsync();

        var error = Assert.Throws<StorageException>(() => SqliteStore.Open(File, First));

        Assert.Equal((StorageFault.Newer, File), (error.Fault, error.File));
        Assert.Contains(File, error.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        Assert.Equal(2L, Scratch.Ask(File, "PRAGMA user_version"));
    }

    [Fact]
    public async Task Open_AnotherKindOfDatabase_IsRefusedAndUntouched()
    {
        Scratch.Ask(_scratch.File("strange.db"), "CREATE TABLE theirs (a)");
        await SqliteStore.Open(File, First).DisposeAsync();

        var strange = Assert.Throws<StorageException>(() => SqliteStore.Open(_scratch.File("strange.db"), First));
        var other = Assert.Throws<StorageException>(() => SqliteStore.Open(File, First with { Subject = "diary", ApplicationId = 78 }));

        Assert.Equal((StorageFault.Foreign, StorageFault.Foreign), (strange.Fault, other.Fault));
        Assert.Contains("this database is no diary", other.Message, StringComparison.Ordinal);
        Assert.Equal(1L, Scratch.Ask(_scratch.File("strange.db"), "SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public void Open_NoDatabase_SaysCorruptAndLeavesTheFile()
    {
        var text = new string('x', 5_000);
        System.IO.File.WriteAllText(File, text);

        var error = Assert.Throws<StorageException>(() => SqliteStore.Open(File, First));

        Assert.Equal(StorageFault.Corrupt, error.Fault);
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task Open_DamagedAndOurs_MovesItAsideAndBeginsAnew()
    {
        await SqliteStore.Open(File, First).DisposeAsync();
        System.IO.File.WriteAllText(File, new string('x', 5_000));

        await using var store = SqliteStore.Open(File, First, damage: Aside);

        Assert.Equal(0, Count(store));
        var aside = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!, "notebook.db.damaged-*"));
        Assert.Equal(5_000, new FileInfo(aside).Length);
        Assert.Contains($"{File} is damaged: it now lies at {aside}", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DamagedAndNeverOurs_IsRefusedAndUntouched()
    {
        System.IO.File.WriteAllText(File, new string('x', 5_000));

        var error = Assert.Throws<StorageException>(() => SqliteStore.Open(File, First, damage: Aside));

        Assert.Equal(StorageFault.Corrupt, error.Fault);
        Assert.Equal(5_000, new FileInfo(File).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_DamagedWhileOpen_FailsOnceAndGoesOnWithANewFile(bool foundByReading)
    {
        await using var store = SqliteStore.Open(File, First, damage: Aside);
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Write(store, $"{i} {new string('x', 1_000)}")));
        await store.WriteAsync(session => session.Number("PRAGMA wal_checkpoint(TRUNCATE)"), Cancel).ContinueWith(_ => { }, Cancel);
        using (var stream = new FileStream(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.Seek(100, SeekOrigin.Begin);
            stream.Write(new byte[stream.Length - 100]);
        }
        if (foundByReading)
            Assert.Equal(StorageFault.Corrupt, Assert.Throws<StorageException>(() => store.Read(All)).Fault);
        else
            Assert.Equal(StorageFault.Corrupt, (await Assert.ThrowsAsync<StorageException>(() => store.WriteAsync(All, Cancel))).Fault);

        await Write(store, "a");

        Assert.Equal(1, Count(store));
        Assert.Single(_told);

        static long All(SqliteSession session) => session.Number("PRAGMA cache_size = 0") + session.Number("SELECT sum(length(text)) FROM lines");
    }

    [Fact]
    public void Open_UnderAFile_SaysUnavailable()
    {
        System.IO.File.WriteAllText(_scratch.File("plain"), "");

        var error = Assert.Throws<StorageException>(() => SqliteStore.Open(_scratch.File("plain/notebook.db"), First));

        Assert.Equal(StorageFault.Unavailable, error.Fault);
    }

    [Fact]
    public async Task Open_WhileOpen_IsRefusedUntilItIsClosed()
    {
        var store = SqliteStore.Open(File, First);

        var error = Assert.Throws<StorageException>(() => SqliteStore.Open(File, First));
        await store.DisposeAsync();

        Assert.Equal(StorageFault.Locked, error.Fault);
        Assert.Contains("another process uses this notebook", error.Message, StringComparison.Ordinal);
        await SqliteStore.Open(File, First).DisposeAsync();
    }

    [Fact]
    public async Task Write_DiskFull_FailsWhoeverNeedsSpaceAndNobodyElse()
    {
        await using var store = SqliteStore.Open(File, First);
        await store.WriteAsync(session => session.Run("PRAGMA max_page_count = 12"), Cancel);
        using var busy = new ManualResetEventSlim();
        var first = Hold(store, busy);

        // All of these wait behind the first, so they share one transaction, which SQLite rolls back whole.
        var small = Write(store, "small");
        var large = Write(store, new string('x', 100_000));
        var neighbour = Write(store, "neighbour");
        busy.Set();

        var error = await Assert.ThrowsAsync<StorageException>(() => large);
        Assert.Equal(StorageFault.Full, error.Fault);
        var results = await Task.WhenAll(first, small, neighbour);
        Assert.Equal([0, 1, 1], results);
        Assert.Equal(2, Count(store));
    }

    [Fact]
    public async Task Write_OneFails_NeighboursAreKept()
    {
        await using var store = SqliteStore.Open(File, First);
        using var busy = new ManualResetEventSlim();
        var first = Hold(store, busy);

        var a = Write(store, "a");
        var twice = store.WriteAsync(
            session => session.Run("INSERT INTO lines (text) VALUES ('b')") + session.Run("INSERT INTO lines (text) VALUES ('a')"),
            Cancel
        );
        var c = Write(store, "c");
        busy.Set();

        await Assert.ThrowsAsync<SqliteException>(() => twice);
        await Task.WhenAll(first, a, c);
        Assert.Equal("a,c", Scratch.Ask(File, "SELECT group_concat(text) FROM (SELECT text FROM lines ORDER BY id)"));
    }

    [Fact]
    public async Task Write_CancelledWhileWaiting_DoesNotRun()
    {
        await using var store = SqliteStore.Open(File, First);
        using var busy = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        var first = Hold(store, busy);

        var waiting = store.WriteAsync(session => session.Run("INSERT INTO lines (text) VALUES ('a')"), cancelled.Token);
        await cancelled.CancelAsync();
        busy.Set();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await first;
        Assert.Equal(0, Count(store));
    }

    [Fact]
    public async Task Dispose_WritesWaiting_WritesThemFirst()
    {
        var store = SqliteStore.Open(File, First);
        var writes = Enumerable.Range(0, 1_000).Select(i => Write(store, $"{i}")).ToArray();

        await store.DisposeAsync();
        await store.DisposeAsync();

        await Task.WhenAll(writes);
        Assert.Equal(1_000L, Scratch.Ask(File, "SELECT count(*) FROM lines"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Write(store, "late"));
    }

    [Fact]
    public async Task Write_LockedByAnotherProgram_SaysSo()
    {
        await using var store = SqliteStore.Open(File, First, patience: 1);
        using var other = Scratch.Look(File);
        using var transaction = other.BeginTransaction();

        var error = await Assert.ThrowsAsync<StorageException>(() => Write(store, "a"));

        Assert.Equal(StorageFault.Locked, error.Fault);
    }

    [Fact]
    public async Task Write_ManyWhileLockedByAnotherProgram_FailTogether()
    {
        await using var store = SqliteStore.Open(File, First, patience: 1);
        using var other = Scratch.Look(File);
        using var begun = new ManualResetEventSlim();
        using var locked = new ManualResetEventSlim();
        // It ends the transaction around it, so that another gets in between before those that wait behind it.
        var first = store.WriteAsync(
            session =>
            {
                session.Run("COMMIT");
                begun.Set();
                locked.Wait(TestContext.Current.CancellationToken);
                return 0;
            },
            TestContext.Current.CancellationToken
        );
        begun.Wait(TestContext.Current.CancellationToken);
        using var transaction = other.BeginTransaction();
        var waiting = Enumerable.Range(0, 3).Select(number => Write(store, $"{number}")).ToArray();
        locked.Set();

        await Assert.ThrowsAnyAsync<Exception>(() => first);
        var errors = await Task.WhenAll(waiting.Select(write => Assert.ThrowsAsync<StorageException>(() => write)));

        // One wait for all of them: tried each for itself, each would have had a failure of its own.
        Assert.All(errors, error => Assert.Same(errors[0], error));
        Assert.Equal(StorageFault.Locked, errors[0].Fault);
    }
}

using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Sqlite;

/// <summary>One database file, held by this process alone: many readers' turns, one writer, durable when a write returns.</summary>
internal sealed class SqliteStore : IAsyncDisposable
{
    /// <summary>Seconds that a write waits while somebody else keeps the file locked.</summary>
    internal const int Patience = 5;

    private readonly FileStream _lock;
    private readonly SqliteWriter _writer;
    private readonly Lock _reading = new();
    private SqliteSession? _reader; // null while there is no sound file

    private SqliteStore(string file, FileStream held, Sessions sessions, Func<Sessions>? again)
    {
        File = file;
        _lock = held;
        _reader = sessions.Reader;
        _writer = new SqliteWriter(sessions.Writer, file, again is null ? null : () => Begin(again));
    }

    /// <summary>The file's full path.</summary>
    public string File { get; }

    /// <summary>Opens the file, or makes it with the folders above it, readable by its owner alone, and brings it to the schema's newest form.</summary>
    /// <param name="file">The path; beside it lie <c>-wal</c> and <c>-shm</c>, which are part of it, and <c>.lock</c>.</param>
    /// <param name="schema">What the file holds.</param>
    /// <param name="onOpened">Runs once before anybody else reads or writes.</param>
    /// <param name="patience">Seconds to wait while somebody looks into the file by hand.</param>
    /// <param name="damage">What is done about a damaged file, now or later; if null it is left as it is, and nothing goes on.</param>
    /// <exception cref="StorageException">The file cannot be used.</exception>
    public static SqliteStore Open(
        string file,
        SqliteSchema schema,
        Action<SqliteSession>? onOpened = null,
        int patience = Patience,
        DamagedFile? damage = null
    )
    {
        file = Path.GetFullPath(file);
        // What never was a store may be anything that somebody has named by mistake: it is not touched.
        var wasOurs = StoreFile.WasHeld(file);
        var held = StoreFile.Lock(file, schema.Subject);
        try
        {
            Sessions sessions;
            try
            {
                sessions = Connect();
            }
            catch (StorageException error) when (damage is not null && wasOurs && error.Fault == StorageFault.Corrupt)
            {
                sessions = Again();
            }
            return new SqliteStore(file, held, sessions, damage is null ? null : Again);
        }
        catch
        {
            held.Dispose();
            throw;
        }

        Sessions Connect() => OpenSessions(file, schema, onOpened, patience);

        Sessions Again()
        {
            damage!.MoveAside(file, schema.Subject);
            return Connect();
        }
    }

    /// <summary>See <see cref="SqliteWriter.WriteAsync"/>.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> statements, CancellationToken cancellation) => _writer.WriteAsync(statements, cancellation);

    /// <summary>Reads what is committed. Reads take turns and are short: who has much to read reads it in parts.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public T Read<T>(Func<SqliteSession, T> statements)
    {
        try
        {
            lock (_reading)
                return statements(_reader ?? throw new StorageException(File, StorageFault.Unavailable, "it is being made anew"));
        }
        catch (SqliteException error) when (StorageException.Concerns(error))
        {
            var told = StorageException.Of(File, error);
            if (told.Fault == StorageFault.Corrupt)
                _writer.Damaged();
            throw told;
        }
    }

    /// <summary>Writes what is waiting, then closes the file and lets go of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        lock (_reading)
            _reader?.Dispose();
        await _lock.DisposeAsync();
    }

    /// <summary>Begins anew with another file in the place of a damaged one. Runs where nobody writes.</summary>
    private SqliteSession Begin(Func<Sessions> again)
    {
        lock (_reading)
        {
            _reader?.Dispose();
            _reader = null;
            var sessions = again();
            _reader = sessions.Reader;
            return sessions.Writer;
        }
    }

    private static Sessions OpenSessions(string file, SqliteSchema schema, Action<SqliteSession>? onOpened, int patience)
    {
        SqliteSession? writer = null;
        try
        {
            writer = Connect(file, SqliteOpenMode.ReadWrite, patience);
            writer.Run("PRAGMA journal_mode = WAL");
            // FULL: what is committed survives a power failure, not only the end of the process.
            writer.Run("PRAGMA synchronous = FULL");
            writer.Run("PRAGMA foreign_keys = ON");
            // What a burst has made the log grow to is given back.
            writer.Run("PRAGMA journal_size_limit = 67108864");
            schema.Apply(writer, file);
            onOpened?.Invoke(writer);
            return new Sessions(writer, Connect(file, SqliteOpenMode.ReadOnly, patience));
        }
        catch (Exception error)
        {
            writer?.Dispose();
            if (error is SqliteException sqlite && StorageException.Concerns(sqlite))
                throw StorageException.Of(file, sqlite);
            throw;
        }
    }

    /// <summary>A connection of its own to a file that is there; it holds no lock between statements.</summary>
    internal static SqliteSession Connect(string file, SqliteOpenMode mode, int patience)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Mode = mode,
                // A pool would keep the file open after us.
                Pooling = false,
                DefaultTimeout = patience,
            }.ConnectionString
        );
        connection.Open();
        return new SqliteSession(connection);
    }

    /// <summary>One that writes, and one that reads what is committed.</summary>
    private readonly record struct Sessions(SqliteSession Writer, SqliteSession Reader);
}

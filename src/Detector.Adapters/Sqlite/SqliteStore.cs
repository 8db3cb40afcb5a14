using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Sqlite;

/// <summary>One database file, held by this process alone: many readers' turns, one writer, durable when a write returns.</summary>
internal sealed class SqliteStore : IAsyncDisposable
{
    private readonly FileStream _lock;
    private readonly SqliteWriter _writer;
    private readonly SqliteSession _reader;
    private readonly Lock _reading = new();

    private SqliteStore(string file, FileStream held, SqliteSession writer, SqliteSession reader)
    {
        File = file;
        _lock = held;
        _reader = reader;
        _writer = new SqliteWriter(writer, file);
    }

    /// <summary>The file's full path.</summary>
    public string File { get; }

    /// <summary>Opens the file, or makes it with the folders above it, readable by its owner alone, and brings it to the schema's newest form.</summary>
    /// <param name="file">The path; beside it lie <c>-wal</c> and <c>-shm</c>, which are part of it, and <c>.lock</c>.</param>
    /// <param name="schema">What the file holds.</param>
    /// <param name="onOpened">Runs once before anybody else reads or writes.</param>
    /// <param name="patience">Seconds to wait while somebody looks into the file by hand.</param>
    /// <exception cref="StorageException">The file cannot be used; a damaged one (<see cref="StorageFault.Corrupt"/>) is left as it is.</exception>
    public static SqliteStore Open(string file, SqliteSchema schema, Action<SqliteSession>? onOpened = null, int patience = 5)
    {
        file = Path.GetFullPath(file);
        var held = StoreFile.Lock(file, schema.Subject);
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
            return new SqliteStore(file, held, writer, Connect(file, SqliteOpenMode.ReadOnly, patience));
        }
        catch (SqliteException error) when (StorageException.Concerns(error))
        {
            Close();
            throw StorageException.Of(file, error);
        }
        catch
        {
            Close();
            throw;
        }

        void Close()
        {
            writer?.Dispose();
            held.Dispose();
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
                return statements(_reader);
        }
        catch (SqliteException error) when (StorageException.Concerns(error))
        {
            throw StorageException.Of(File, error);
        }
    }

    /// <summary>Writes what is waiting, then closes the file and lets go of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        lock (_reading)
            _reader.Dispose();
        await _lock.DisposeAsync();
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
}

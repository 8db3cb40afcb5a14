using Detector.Adapters.Sqlite;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>A ledger's file that is there, for those who look into it while a detector may be at work on it. Its form is neither made nor changed.</summary>
internal sealed class OpenLedger : IDisposable
{
    private const int Patience = 10; // seconds that the detector's own writes may hold the file

    private readonly string _file;
    private readonly SqliteSession _session;

    private OpenLedger(string file, SqliteSession session) => (_file, _session) = (file, session);

    /// <summary>Opens it.</summary>
    /// <exception cref="StorageException">It is not there, is no ledger, is of another version's form, or is out of reach.</exception>
    public static OpenLedger Open(string file, SqliteOpenMode mode)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(file))
            throw new StorageException(file, StorageFault.Unavailable, "there is no such ledger", null);
        return Try(
            file,
            () =>
            {
                var session = SqliteStore.Connect(file, mode, Patience);
                try
                {
                    LedgerSchema.Value.Check(session, file);
                    return new OpenLedger(file, session);
                }
                catch
                {
                    session.Dispose();
                    throw;
                }
            }
        );
    }

    /// <summary>Runs statements.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public T Run<T>(Func<SqliteSession, T> statements) => Try(_file, () => statements(_session));

    public void Dispose() => _session.Dispose();

    private static T Try<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error) when (StorageException.Concerns(error))
        {
            throw StorageException.Of(file, error);
        }
    }
}

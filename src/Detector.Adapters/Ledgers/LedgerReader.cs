using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>Looks into a ledger's file while the process that holds it goes on: what it has committed is seen, and nothing is written.</summary>
public sealed class LedgerReader : ISeenEvents, IDisposable
{
    private readonly SqliteSession _session;
    private readonly string _file;

    private LedgerReader(SqliteSession session, string file) => (_session, _file) = (session, file);

    /// <summary>Opens it.</summary>
    /// <exception cref="StorageException">There is none, it is no ledger, or an older program wrote it, which did not remember what it saw.</exception>
    public static LedgerReader Open(string file)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(file))
            throw new StorageException(file, StorageFault.Unavailable, "there is no ledger: nothing has run with it yet");
        SqliteSession? session = null;
        try
        {
            session = SqliteStore.Connect(file, SqliteOpenMode.ReadOnly, patience: 5);
            if (!LedgerSchema.Value.IsWhole(session, file))
                throw new StorageException(file, StorageFault.Foreign, "an older program wrote this ledger: run detector with it once");
            return new LedgerReader(session, file);
        }
        catch (SqliteException error) when (StorageException.Concerns(error))
        {
            session?.Dispose();
            throw StorageException.Of(file, error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Whether it remembers what was seen.</summary>
    public bool RemembersSeen => Read(SeenEvents.Began) is not null;

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset> BeganAsync(CancellationToken cancellation) =>
        ValueTask.FromResult(Read(SeenEvents.Began) ?? throw new InvalidOperationException("It does not remember what was seen."));

    /// <inheritdoc/>
    public IAsyncEnumerable<SeenHour> ReadAsync(TimeRange within, CancellationToken cancellation) => SqliteSeenLog.ReadAsync(Read, within, cancellation);

    /// <summary>Whether an alert was taken in already, delivered or not.</summary>
    public bool Knows(AlertId alert) => Read(session => session.Number("SELECT count(*) FROM alerts WHERE id = $id", ("$id", alert.Value))) > 0;

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private T Read<T>(Func<SqliteSession, T> statements)
    {
        try
        {
            return statements(_session);
        }
        catch (SqliteException error) when (StorageException.Concerns(error))
        {
            throw StorageException.Of(_file, error);
        }
    }
}

using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>A ledger's file: reads what is committed, and has alerts sent again in one short write. It never makes or changes the file's form.</summary>
internal sealed class FileDesk : LedgerDesk
{
    private const int Page = 500;
    private const int Patience = 10; // seconds that the detector's own writes may hold the file

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly SqliteSession _session;

    private FileDesk(string file, SqliteSession session, TimeProvider time, IProgress<Notice> notices) =>
        (_file, _session, _time, _notices) = (file, session, time, notices);

    /// <exception cref="StorageException">It is not there, is no ledger, is of another version's form, or is out of reach.</exception>
    public static FileDesk Of(string file, bool mayResend, TimeProvider time, IProgress<Notice> notices)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(file))
            throw new StorageException(file, StorageFault.Unavailable, "there is no such ledger", null);
        return Try(
            file,
            () =>
            {
                var session = SqliteStore.Connect(file, mayResend ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly, Patience);
                try
                {
                    LedgerSchema.Value.Check(session, file);
                    return new FileDesk(file, session, time, notices);
                }
                catch
                {
                    session.Dispose();
                    throw;
                }
            }
        );
    }

    /// <inheritdoc/>
    public override IEnumerable<LedgerAlert> Alerts(AlertQuery query) =>
        SqliteLedger.Alerts(before => Try(_file, () => AlertRegister.Read(_session, query, before, Page)), _notices);

    /// <inheritdoc/>
    public override IReadOnlyList<DispatchKey> Resend(AlertId alert, string? sink) =>
        Try(_file, () => AlertRegister.Resend(_session, alert, sink, _time.GetUtcNow()));

    /// <inheritdoc/>
    public override void Dispose() => _session.Dispose();

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

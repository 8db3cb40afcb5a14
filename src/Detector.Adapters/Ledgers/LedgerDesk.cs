using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>
/// A ledger's file for people who look into it while a detector may be at work on it: reads what is committed, and has alerts sent again in one short write. It
/// claims nothing, and never makes or changes the file's form.
/// </summary>
public sealed class LedgerDesk : IDisposable
{
    private const int Page = 500;
    private const int Patience = 10; // seconds that the detector's own writes may hold the file

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly SqliteSession _session;

    private LedgerDesk(string file, SqliteSession session, TimeProvider time, IProgress<Notice> notices) =>
        (_file, _session, _time, _notices) = (file, session, time, notices);

    /// <summary>Opens a ledger that is there.</summary>
    /// <param name="file">Where it lies.</param>
    /// <param name="mayResend">Whether alerts may be sent again; else the file is only read.</param>
    /// <param name="time">Tells when what is sent again is due.</param>
    /// <param name="notices">Told of alerts that cannot be read.</param>
    /// <exception cref="StorageException">It is not there, is no ledger, is of another version's form, or is out of reach.</exception>
    public static LedgerDesk Open(string file, bool mayResend, TimeProvider time, IProgress<Notice> notices)
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
                    return new LedgerDesk(file, session, time, notices);
                }
                catch
                {
                    session.Dispose();
                    throw;
                }
            }
        );
    }

    /// <summary>See <see cref="ILedger.ReadAlertsAsync"/>.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public IEnumerable<LedgerAlert> Alerts(AlertQuery query) =>
        SqliteLedger.Alerts(before => Try(_file, () => AlertRegister.Read(_session, query, before, Page)), _notices);

    /// <summary>See <see cref="ILedger.ResendAsync"/>. A detector at work on the ledger finds it within seconds.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public IReadOnlyList<DispatchKey> Resend(AlertId alert, string? sink) => Try(_file, () => AlertRegister.Resend(_session, alert, sink, _time.GetUtcNow()));

    /// <inheritdoc/>
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

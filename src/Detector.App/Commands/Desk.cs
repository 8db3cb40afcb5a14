using Detector.Adapters.Ledgers;
using Detector.Adapters.Sqlite;
using Detector.App.Options;
using Detector.Core;

namespace Detector.App.Commands;

/// <summary>Opens the live run's ledger for commands that look into it.</summary>
internal static class Desk
{
    /// <summary>Opens it; null for one in memory, into which nobody else can look.</summary>
    /// <exception cref="StartException">It is not there, or cannot be read.</exception>
    public static LedgerDesk? Open(LedgerOptions place, bool mayResend, Terminal terminal)
    {
        var log = new NoticeLog(terminal.Error, terminal.Time, new LogOptions(LogFormat.Text, NoticeSeverity.Error), []);
        try
        {
            return place.Redis is { } redis ? LedgerDesk.Open(redis.Ledger(place.Retention), terminal.Time, Random.Shared, log)
                : place.File is { } file ? LedgerDesk.Open(file, mayResend, terminal.Time, log)
                : null;
        }
        catch (StorageException e)
        {
            throw new StartException(e.Message);
        }
    }
}

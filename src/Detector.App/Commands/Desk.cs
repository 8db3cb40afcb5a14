using Detector.Adapters.Ledgers;
using Detector.Adapters.Ledgers.Redis;
using Detector.Adapters.Sqlite;
using Detector.App.Options;
using Detector.Core;

namespace Detector.App.Commands;

/// <summary>Opens the live run's ledger for commands that look into it.</summary>
internal static class Desk
{
    /// <summary>Opens it.</summary>
    /// <exception cref="StartException">It is not there, or cannot be read: one in memory by nobody else.</exception>
    public static LedgerDesk Open(LedgerOptions place, bool mayResend, Terminal terminal)
    {
        var log = new NoticeLog(terminal.Error, terminal.Time, new LogOptions(LogFormat.Text, NoticeSeverity.Error), []);
        try
        {
            return place.Redis is { } redis ? new RedisDesk(redis.Ledger(place.Retention), terminal.Time, Random.Shared, log)
                : place.File is { } file ? new FileDesk(file, mayResend, terminal.Time, log)
                : throw new StartException("the configuration keeps the ledger in the detector's memory (ledger.memory), where nobody else can read it");
        }
        catch (StorageException e)
        {
            throw new StartException(e.Message);
        }
    }
}

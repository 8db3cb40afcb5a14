using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>
/// A ledger for people who look into it while detectors may be at work on it: reads what is committed, and has alerts sent again. It claims nothing.
/// </summary>
public abstract class LedgerDesk : IDisposable
{
    /// <summary>See <see cref="ILedger.ReadAlertsAsync"/>.</summary>
    /// <exception cref="StorageException">The ledger's file failed.</exception>
    public abstract IEnumerable<LedgerAlert> Alerts(AlertQuery query);

    /// <summary>See <see cref="ILedger.ResendAsync"/>. A detector at work on the ledger finds it within seconds.</summary>
    /// <exception cref="StorageException">The ledger's file failed.</exception>
    public abstract IReadOnlyList<DispatchKey> Resend(AlertId alert, string? sink);

    /// <summary>What was seen; null if the ledger does not remember that, so that nobody can know what never came.</summary>
    /// <exception cref="StorageException">The ledger's file failed.</exception>
    public abstract ISeenEvents? Seen { get; }

    /// <summary>Whether an alert was taken in already, delivered or not.</summary>
    /// <exception cref="StorageException">The ledger's file failed.</exception>
    public abstract bool Knows(AlertId alert);

    /// <inheritdoc/>
    public abstract void Dispose();
}

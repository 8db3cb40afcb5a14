using Detector.Adapters.Ledgers.Redis;
using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>
/// A ledger for people who look into it while detectors may be at work on it: reads what is committed, and has alerts sent again. It claims nothing.
/// </summary>
public abstract class LedgerDesk : IDisposable
{
    /// <summary>Opens a ledger's file that is there.</summary>
    /// <param name="file">Where it lies.</param>
    /// <param name="mayResend">Whether alerts may be sent again; else the file is only read.</param>
    /// <param name="time">Tells when what is sent again is due.</param>
    /// <param name="notices">Told of alerts that cannot be read.</param>
    /// <exception cref="StorageException">It is not there, is no ledger, is of another version's form, or is out of reach.</exception>
    public static LedgerDesk Open(string file, bool mayResend, TimeProvider time, IProgress<Notice> notices) => new FileDesk(file, mayResend, time, notices);

    /// <summary>Opens a ledger in Redis.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="time">Tells when what is sent again is due.</param>
    /// <param name="random">Spreads retries.</param>
    /// <param name="notices">Told of alerts that cannot be read.</param>
    /// <exception cref="StorageException">Nobody answers there, or it does not let us in, or it is too old.</exception>
    public static LedgerDesk Open(RedisLedgerOptions options, TimeProvider time, Random random, IProgress<Notice> notices) =>
        new RedisDesk(RedisLedger.OpenAsync(options, "detector alerts", time, random, notices).GetAwaiter().GetResult());

    /// <summary>See <see cref="ILedger.ReadAlertsAsync"/>.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public abstract IEnumerable<LedgerAlert> Alerts(AlertQuery query);

    /// <summary>See <see cref="ILedger.ResendAsync"/>. A detector at work on the ledger finds it within seconds.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public abstract IReadOnlyList<DispatchKey> Resend(AlertId alert, string? sink);

    /// <summary>What was seen; null if the ledger does not remember that, so that nobody can know what never came.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public abstract ISeenEvents? Seen { get; }

    /// <summary>Whether an alert was taken in already, delivered or not.</summary>
    /// <exception cref="StorageException">The file failed.</exception>
    public abstract bool Knows(AlertId alert);

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class RedisDesk(RedisLedger ledger) : LedgerDesk
    {
        public override IEnumerable<LedgerAlert> Alerts(AlertQuery query) => ledger.ReadAlertsAsync(query, CancellationToken.None).ToBlockingEnumerable();

        public override IReadOnlyList<DispatchKey> Resend(AlertId alert, string? sink) =>
            ledger.ResendAsync(alert, sink, CancellationToken.None).AsTask().GetAwaiter().GetResult();

        public override ISeenEvents? Seen =>
            ledger.Remembered.FindBeginningAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is null ? null : ledger.Remembered;

        public override bool Knows(AlertId alert) => ledger.KnowsAsync(alert, CancellationToken.None).AsTask().GetAwaiter().GetResult();

        public override void Dispose() => ledger.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

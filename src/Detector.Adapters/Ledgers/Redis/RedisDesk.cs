using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>A ledger in Redis: a desk is for a person who waits, so it waits too.</summary>
public sealed class RedisDesk : LedgerDesk
{
    private readonly RedisLedger _ledger;

    /// <summary>Opens it.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="time">Tells when what is sent again is due.</param>
    /// <param name="random">Spreads retries.</param>
    /// <param name="notices">Told of alerts that cannot be read.</param>
    /// <exception cref="StorageException">Nobody answers there, or it does not let us in, or it is too old.</exception>
    public RedisDesk(RedisLedgerOptions options, TimeProvider time, Random random, IProgress<Notice> notices) =>
        _ledger = RedisLedger.OpenAsync(options, "detector alerts", time, random, notices).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override IEnumerable<LedgerAlert> Alerts(AlertQuery query) => _ledger.ReadAlertsAsync(query, CancellationToken.None).ToBlockingEnumerable();

    /// <inheritdoc/>
    public override IReadOnlyList<DispatchKey> Resend(AlertId alert, string? sink) =>
        _ledger.ResendAsync(alert, sink, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override ISeenEvents? Seen =>
        _ledger.Remembered.FindBeginningAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is null ? null : _ledger.Remembered;

    /// <inheritdoc/>
    public override bool Knows(AlertId alert) => _ledger.KnowsAsync(alert, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Dispose() => _ledger.DisposeAsync().AsTask().GetAwaiter().GetResult();
}

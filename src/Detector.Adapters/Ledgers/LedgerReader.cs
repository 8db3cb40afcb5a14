using Detector.Adapters.Sqlite;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>Looks into a ledger's file while the process that holds it goes on: what it has committed is seen, and nothing is written.</summary>
public sealed class LedgerReader : ISeenEvents, IDisposable
{
    private readonly OpenLedger _ledger;

    private LedgerReader(OpenLedger ledger) => _ledger = ledger;

    /// <summary>Opens it.</summary>
    /// <exception cref="StorageException">It is not there, is no ledger, is of another version's form, or is out of reach.</exception>
    public static LedgerReader Open(string file) => new(OpenLedger.Open(file, SqliteOpenMode.ReadOnly));

    /// <summary>Whether it remembers what was seen.</summary>
    public bool RemembersSeen => _ledger.Run(SeenEvents.Began) is not null;

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset> BeganAsync(CancellationToken cancellation) =>
        ValueTask.FromResult(_ledger.Run(SeenEvents.Began) ?? throw new InvalidOperationException("It does not remember what was seen."));

    /// <inheritdoc/>
    public IAsyncEnumerable<SeenHour> ReadAsync(TimeRange within, CancellationToken cancellation) => SqliteSeenLog.ReadAsync(_ledger.Run, within, cancellation);

    /// <summary>Whether an alert was taken in already, delivered or not.</summary>
    public bool Knows(AlertId alert) => _ledger.Run(session => session.Number("SELECT count(*) FROM alerts WHERE id = $id", ("$id", alert.Value))) > 0;

    /// <inheritdoc/>
    public void Dispose() => _ledger.Dispose();
}

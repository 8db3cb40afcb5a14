using Detector.Adapters.Sqlite;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Microsoft.Data.Sqlite;

namespace Detector.Adapters.Ledgers;

/// <summary>A ledger's file: reads what is committed, and has alerts sent again in one short write.</summary>
public sealed class FileDesk : LedgerDesk, ISeenEvents
{
    private const int Page = 500;

    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly OpenLedger _ledger;

    /// <summary>Opens a file that is there.</summary>
    /// <param name="file">Where it lies.</param>
    /// <param name="mayResend">Whether alerts may be sent again; else the file is only read.</param>
    /// <param name="time">Tells when what is sent again is due.</param>
    /// <param name="notices">Told of alerts that cannot be read.</param>
    /// <exception cref="StorageException">It is not there, is no ledger, is of another version's form, or is out of reach.</exception>
    public FileDesk(string file, bool mayResend, TimeProvider time, IProgress<Notice> notices)
    {
        (_time, _notices) = (time, notices);
        _ledger = OpenLedger.Open(file, mayResend ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly);
    }

    /// <inheritdoc/>
    public override IEnumerable<LedgerAlert> Alerts(AlertQuery query) =>
        SqliteLedger.Alerts(before => _ledger.Run(session => AlertRegister.Read(session, query, before, Page)), _notices);

    /// <inheritdoc/>
    public override IReadOnlyList<DispatchKey> Resend(AlertId alert, string? sink) =>
        _ledger.Run(session => AlertRegister.Resend(session, alert, sink, _time.GetUtcNow()));

    /// <inheritdoc/>
    public override ISeenEvents? Seen => _ledger.Run(SeenEvents.Began) is null ? null : this;

    /// <inheritdoc/>
    public override bool Knows(AlertId alert) => _ledger.Run(session => session.Number("SELECT count(*) FROM alerts WHERE id = $id", ("$id", alert.Value))) > 0;

    ValueTask<DateTimeOffset> ISeenEvents.BeganAsync(CancellationToken cancellation) =>
        ValueTask.FromResult(_ledger.Run(SeenEvents.Began) ?? _time.GetUtcNow());

    IAsyncEnumerable<SeenHour> ISeenEvents.ReadAsync(TimeRange within, CancellationToken cancellation) =>
        SqliteSeenLog.ReadAsync(_ledger.Run, within, cancellation);

    /// <inheritdoc/>
    public override void Dispose() => _ledger.Dispose();
}

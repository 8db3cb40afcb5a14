using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.Core;

/// <summary>
/// The loop that joins the stages. It alone acknowledges, and only when a batch is done: each alert delivered, refused for good, or durable in the
/// outbox, and each hit that a correlation may need in the journal.
/// </summary>
public sealed class Pump(IEventSource source, Judge judge, DetectionPipeline detection, Dispatcher dispatcher, ILedger ledger, IProgress<Notice> notices)
{
    // Batches wait for the ledger together, so that it can write them together.
    private const int BatchesInFlight = 64;

    /// <summary>Runs until the source ends, which it does soon after <paramref name="stopping"/>; batches in flight end first, unless they are abandoned.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abandon = default)
    {
        await foreach (var hit in ledger.ReadJournalAsync(stopping))
        {
            detection.Restore(hit);
        }
        var pace = new ParallelOptions { MaxDegreeOfParallelism = BatchesInFlight, CancellationToken = abandon };
        await Parallel.ForEachAsync(source.ReadAsync(stopping), pace, HandleAsync);
    }

    private async ValueTask HandleAsync(EventBatch batch, CancellationToken abandon)
    {
        using var done = batch;
        try
        {
            var judgement = judge.Try(batch);
            await ledger.RejectAsync(judgement.Rejected, abandon);
            var journaled = await ledger.JournalAsync(detection.ForJournal(judgement), abandon);
            var outcome = batch.IsIdle ? detection.Idle() : detection.Take(judgement, journaled, batch.SentAt);
            await dispatcher.AcceptAsync(outcome.Alerts, abandon);
            await ledger.JournalAsync(outcome.Journal, abandon);
            await ledger.ForgetAsync(outcome.Forgotten, abandon);
            await (judgement.Rejected.Count == 0 ? batch.Receipt.AckAsync(abandon) : batch.Receipt.ReturnAsync(abandon));
        }
        catch (Exception e)
        {
            notices.Report(new Notice(NoticeSeverity.Error, source.Name, $"{batch.Origin} could not be finished and comes again", e));
            await batch.Receipt.ReturnAsync(abandon);
        }
    }
}

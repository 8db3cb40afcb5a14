using System.Runtime.CompilerServices;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Core;

/// <summary>
/// The loop that joins the stages. It alone acknowledges, and only when a batch is done: each alert delivered, refused for good, or durable in the
/// outbox, and each hit that a correlation may need in the journal.
/// </summary>
/// <param name="source">Where events come from.</param>
/// <param name="judge">Stage 1.</param>
/// <param name="detection">Stage 2.</param>
/// <param name="dispatcher">Stage 3.</param>
/// <param name="ledger">Remembers across a crash.</param>
/// <param name="notices">Told of failures.</param>
/// <param name="watch">Told of everything; nobody if null.</param>
/// <param name="correlates">Whether journaled hits are judged here; false if a <see cref="Correlator"/> does so for several instances.</param>
public sealed class Pump(
    IEventSource source,
    Judge judge,
    DetectionPipeline detection,
    Dispatcher dispatcher,
    ILedger ledger,
    IProgress<Notice> notices,
    PipelineWatch? watch = null,
    bool correlates = true
)
{
    // Batches wait for the ledger together, so that it can write them together.
    private const int BatchesAtOnce = 64;

    private readonly PipelineWatch _watch = watch ?? PipelineWatch.None;
    private readonly Conclusions _conclusions = new(detection, dispatcher, ledger, watch ?? PipelineWatch.None);
    private int _inFlight;

    /// <summary>Runs until the source ends, which it does soon after <paramref name="stopping"/>; batches in flight end first, unless they are abandoned.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abandon = default)
    {
        await RestoreAsync(abandon);
        var pace = new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = abandon };
        await Parallel.ForEachAsync(BatchesAsync(stopping, abandon), pace, HandleAsync);
    }

    /// <summary>Exchanges the rules while running. Batches in flight finish with the rules that they began with.</summary>
    public void Replace(RuleSet rules)
    {
        // Stage 2 first: hits for a correlation that it does not know yet would be forgotten.
        detection.Replace(rules);
        judge.Replace(rules);
    }

    private async ValueTask HandleAsync(EventBatch batch, CancellationToken abandon)
    {
        using var done = batch;
        using var step = Tracing.Step("batch");
        step?.SetTag("detector.origin", batch.Origin);
        try
        {
            var seen = ledger.Seen is null ? null : new SeenBatch();
            var judgement = Match(batch, seen);
            await ledger.RejectAsync(judgement.Rejected, abandon);
            var journaled = await ledger.JournalAsync(detection.ForJournal(judgement), abandon);
            await _conclusions.WriteAsync(detection.Take(judgement, correlates ? journaled : [], batch.SentAt), abandon);
            var sound = judgement.Rejected.Count == 0;
            // Of a batch that comes again nothing was seen yet: it may never come to its end.
            if (sound && seen is { Events.Count: > 0 })
                await ledger.Seen!.AddAsync(seen.Events, abandon);
            await (sound ? batch.Receipt.AckAsync(abandon) : batch.Receipt.ReturnAsync(abandon));
            _watch.Settled(batch, sound);
        }
        catch (Exception e)
        {
            notices.Report(new Notice(NoticeSeverity.Error, source.Name, $"{batch.Origin} could not be finished and comes again", e));
            await ReturnAsync(batch);
        }
        Interlocked.Decrement(ref _inFlight);
    }

    private Judgement Match(EventBatch batch, SeenBatch? seen)
    {
        using var step = Tracing.Step("match");
        var judgement = judge.Try(batch, seen);
        _watch.Judged(batch, judgement);
        step?.SetTag("detector.records", judgement.Records);
        step?.SetTag("detector.hits", judgement.Hits.Count);
        return judgement;
    }

    /// <summary>A source that cannot even be told must not end the pump: what was not acknowledged comes again by itself.</summary>
    private async ValueTask ReturnAsync(EventBatch batch)
    {
        try
        {
            await batch.Receipt.ReturnAsync(CancellationToken.None);
            _watch.Settled(batch, acknowledged: false);
        }
        catch (Exception e)
        {
            notices.Report(new Notice(NoticeSeverity.Error, source.Name, $"{batch.Origin} could not be returned", e));
        }
    }

    private async ValueTask RestoreAsync(CancellationToken abandon)
    {
        await foreach (var fact in ledger.ReadHistoryAsync(abandon))
        {
            if (correlates)
            {
                detection.Restore(fact);
            }
            _watch.Restored(fact);
        }
        if (!correlates)
        {
            return;
        }
        await foreach (var hit in ledger.ReadJournalAsync(abandon))
        {
            detection.Restore(hit);
        }
    }

    /// <summary>The source's batches. That it is empty lets time pass, but only while nothing older is on its way.</summary>
    private async IAsyncEnumerable<EventBatch> BatchesAsync(CancellationToken stopping, [EnumeratorCancellation] CancellationToken abandon)
    {
        await foreach (var batch in source.ReadAsync(stopping).WithCancellation(abandon))
        {
            _watch.Received(batch);
            if (!batch.IsIdle)
            {
                Interlocked.Increment(ref _inFlight);
                yield return batch;
            }
            else if (Volatile.Read(ref _inFlight) == 0)
            {
                await PassTimeAsync(abandon);
            }
        }
    }

    private async ValueTask PassTimeAsync(CancellationToken abandon)
    {
        try
        {
            await _conclusions.WriteAsync(detection.Idle(), abandon);
        }
        catch (Exception e) when (!abandon.IsCancellationRequested)
        {
            notices.Report(new Notice(NoticeSeverity.Error, source.Name, "the ledger failed; it is tried again", e));
        }
    }
}

using Detector.Core.Delivery;
using Detector.Core.Detection;

namespace Detector.Core;

#pragma warning disable CA1001 // A semaphore without a wait handle holds nothing.

/// <summary>Writes down what stage 2 decided, in the order in which a crash in between repeats and never loses.</summary>
internal sealed class Conclusions(DetectionPipeline detection, Dispatcher dispatcher, ILedger ledger, PipelineWatch watch)
{
#pragma warning restore CA1001

    // Batches conclude side by side, but what is learned and forgotten only comes out right in one order.
    private readonly SemaphoreSlim _remembering = new(1);

    public async ValueTask WriteAsync(Outcome outcome, CancellationToken cancellation)
    {
        using var step = Tracing.Step("conclude");
        step?.SetTag("detector.findings", outcome.Findings.Count);
        try
        {
            await dispatcher.AcceptAsync(outcome.Findings, cancellation, ledger);
            if (outcome.ChangedHistory)
                await RememberAsync(cancellation);
            await ledger.JournalAsync(outcome.Journal, cancellation);
            await ledger.ForgetAsync(outcome.Forgotten, cancellation);
            watch.Concluded(outcome);
        }
        catch
        {
            // A correlation has fired once and will not do so again.
            detection.GiveBack(outcome);
            throw;
        }
    }

    /// <summary>Writes what history learned and forgot by now: what the outcome brought, unless somebody else has done so meanwhile.</summary>
    private async ValueTask RememberAsync(CancellationToken cancellation)
    {
        await _remembering.WaitAsync(cancellation);
        try
        {
            var changes = detection.TakeHistory();
            try
            {
                await ledger.RememberAsync(changes.Learned, changes.Forgotten, cancellation);
            }
            catch
            {
                detection.GiveBack(changes);
                throw;
            }
        }
        finally
        {
            _remembering.Release();
        }
    }
}

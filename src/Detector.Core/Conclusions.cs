using Detector.Core.Delivery;
using Detector.Core.Detection;

namespace Detector.Core;

/// <summary>Writes down what stage 2 decided, in the order in which a crash in between repeats and never loses.</summary>
internal sealed class Conclusions(DetectionPipeline detection, Dispatcher dispatcher, ILedger ledger, PipelineWatch watch)
{
    public async ValueTask WriteAsync(Outcome outcome, CancellationToken cancellation)
    {
        using var step = Tracing.Step("conclude");
        step?.SetTag("detector.findings", outcome.Findings.Count);
        try
        {
            await dispatcher.AcceptAsync(outcome.Findings, cancellation, ledger);
            await ledger.RememberAsync(outcome.Learned, outcome.Unlearned, cancellation);
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
}

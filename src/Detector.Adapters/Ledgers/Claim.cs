using System.Text.Json;
using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Ledgers;

/// <summary>A delivery that is claimed, with the alert as the ledger keeps it.</summary>
internal readonly record struct Claim(AlertId Alert, int Attempt, long Suppressed, byte[] Body, AlertId? Digest, int Resent)
{
    // Until somebody has started a program that can read it.
    private static readonly TimeSpan UnreadableAgainAfter = TimeSpan.FromMinutes(30);

    /// <summary>What is to be sent.</summary>
    /// <param name="claims">What was claimed.</param>
    /// <param name="sink">For whom.</param>
    /// <param name="ledger">Where a delivery whose alert cannot be read is put back: it must neither hold up the others nor be lost.</param>
    /// <param name="now">The time of the claim.</param>
    /// <param name="notices">Told of it.</param>
    /// <param name="cancellation">Ends the wait for the ledger.</param>
    public static async ValueTask<IReadOnlyList<Dispatch>> ReadAsync(
        IReadOnlyList<Claim> claims,
        string sink,
        ILedger ledger,
        DateTimeOffset now,
        IProgress<Notice> notices,
        CancellationToken cancellation
    )
    {
        var dispatches = new List<Dispatch>(claims.Count);
        foreach (var claim in claims)
        {
            try
            {
                dispatches.Add(
                    new Dispatch(AlertJson.Read(claim.Body), sink, claim.Attempt, claim.Suppressed) { Digest = claim.Digest, Resent = claim.Resent }
                );
            }
            catch (JsonException error)
            {
                notices.Report(new Notice(NoticeSeverity.Error, "ledger", $"alert {claim.Alert} cannot be read and is not delivered to {sink}", error));
                var again = new Settlement(SinkOutcome.Retry, "its body in the ledger cannot be read", now + UnreadableAgainAfter);
                await ledger.SettleAsync(new DispatchKey(claim.Alert, sink), again, cancellation);
            }
        }
        return dispatches;
    }
}

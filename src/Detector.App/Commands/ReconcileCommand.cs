using Detector.Adapters.Ledgers;
using Detector.App.Infra;
using Detector.App.Options;
using Detector.App.Reconciliation;
using Detector.App.Replays;
using Detector.Core.Delivery;
using Detector.Core.Reconciliation;

namespace Detector.App.Commands;

/// <summary>What <c>detector reconcile</c> was asked to do.</summary>
/// <param name="Trail">What is compared, and by which rules what never came is judged.</param>
/// <param name="Live">The configuration of the live run.</param>
/// <param name="Deliver">Whether what was missed is sent.</param>
/// <param name="Validate">Whether the archive is checked by its digests.</param>
/// <param name="PublicKeys">Where CloudTrail's public keys come from, as it was given.</param>
/// <param name="AsJson">Whether the answer is for a program.</param>
internal sealed record ReconcileSettings(TrailSettings Trail, DetectorOptions Live, bool Deliver, bool Validate, string? PublicKeys, bool AsJson);

/// <summary>Tells what an archive holds that never came to the live run, and sends what was missed if it is asked to.</summary>
internal static class ReconcileCommand
{
    /// <summary>Returns the exit code.</summary>
    public static int Run(ReconcileSettings settings, Terminal terminal)
    {
        if (settings.Deliver)
            Redelivery.Check(settings.Live);
        if (settings.Live.Ledger is { File: null, Redis: null })
            throw new StartException(
                "a ledger in memory forgets with its process what came, so nobody can know what did not: configure ledger.file or ledger.redis"
            );
        using var ledger = Desk.Open(settings.Live.Ledger, mayResend: false, terminal);
        if (ledger.Seen is not { } remembered)
            throw new StartException(
                $"the ledger {settings.Live.Ledger.File ?? "in Redis"} does not remember what came (ledger.seen is 0s, or no detector has run with it), so nobody can know what did not"
            );
        var validation = settings.Validate ? new Validation(settings.Trail, settings.PublicKeys, terminal) : null;
        var seen = SeenSet.ReadAsync(remembered, settings.Trail.Within, terminal.Stopping).GetAwaiter().GetResult();
        var settled = terminal.Time.GetUtcNow() - Lateness(settings.Live);
        ArchiveComparison? made = null;
        return TrailJudging.Run(
            settings.Trail,
            terminal,
            (_, outcome) =>
            {
                using var comparison = made!;
                comparison.Conclude();
                var missed = outcome
                    .Alerts.Where(comparison.Concerns)
                    .Select(alert => (Alert: alert with { Late = true }, Known: ledger.Knows(alert.Id)))
                    .ToList();
                var sent = settings.Deliver
                    ? Deliver([.. missed.Where(one => !one.Known).Select(one => one.Alert)], ledger, settings.Live, terminal)
                    : (int?)null;
                Tell(new Reconciled(seen, comparison, missed, sent, outcome, validation?.Integrity), settings.AsJson, terminal);
                TrailJudging.TellStop(outcome.Stopped, "the answer is that", terminal);
                return comparison.Kinds.Any(kind => kind.ShouldHaveCome) ? ExitCode.Failed
                    : validation is { IsDoubtful: true } ? ExitCode.Partly
                    : TrailJudging.ExitCodeOf(outcome);
            },
            validation: validation,
            witness: rules =>
                made = new ArchiveComparison(
                    seen,
                    settled,
                    [.. PatternPlan.For(rules, EventPattern.DefaultLimit).Wanted.Select(wanted => wanted.AsCondition())]
                )
        );
    }

    /// <summary>Sends what the ledger did not know; what it knows it has told, or will with its next run.</summary>
    private static int Deliver(List<Alert> alerts, LedgerDesk ledger, DetectorOptions live, Terminal terminal)
    {
        // A reader must not hold on to a file that is written now.
        ledger.Dispose();
        return alerts.Count == 0 ? 0 : Redelivery.SendAsync(alerts, live, terminal).GetAwaiter().GetResult();
    }

    private static void Tell(Reconciled reconciled, bool asJson, Terminal terminal)
    {
        if (asJson)
            JsonOut.Write(terminal.Out, json => ReconcileJson.Write(json, reconciled));
        else
            ReconcileTable.Write(terminal.Out, reconciled, terminal.Width);
    }

    /// <summary>How long events may be on their way, by whichever way takes longest.</summary>
    private static TimeSpan Lateness(DetectorOptions live) =>
        new[] { live.Queue?.Lateness, live.S3?.Lateness, live.Intake?.Lateness, TimeSpan.FromMinutes(2) }.Max() ?? default;
}

using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Rules;

namespace Detector.Core;

/// <summary>
/// Stage 2 for several instances. While this one has the turn it judges the journaled hits of all, in the order of their times, as far as time has passed for all of
/// them. Whoever has the turn next begins with what the ledger holds, as after a crash: the same hits give the same alerts, with the same ids.
/// </summary>
/// <param name="turns">Whose turn it is.</param>
/// <param name="dispatcher">Stage 3.</param>
/// <param name="rules">The rules to begin with.</param>
/// <param name="seeds">What is known from before the trail.</param>
/// <param name="own">Up to where time has passed for this instance.</param>
/// <param name="options">Paces.</param>
/// <param name="clock">The wall clock.</param>
/// <param name="notices">Told of turns and failures.</param>
/// <param name="watch">Told of what is decided; nobody if null.</param>
public sealed class Correlator(
    ITurns turns,
    Dispatcher dispatcher,
    RuleSet rules,
    IReadOnlyList<LearnedFact> seeds,
    Func<DateTimeOffset> own,
    CorrelatorOptions options,
    TimeProvider clock,
    IProgress<Notice> notices,
    PipelineWatch? watch = null
)
{
    /// <summary>During a roll-out an instance may know rules that the one with the turn does not. Their hits wait this long for one that does.</summary>
    private static readonly TimeSpan StrangersKept = TimeSpan.FromDays(1);

    private volatile RuleSet _rules = rules;
    private long _watermark = DateTimeOffset.MinValue.UtcTicks;

    /// <summary>Up to where correlations have been judged by this instance.</summary>
    public DateTimeOffset Watermark => new(Interlocked.Read(ref _watermark), TimeSpan.Zero);

    /// <summary>Exchanges the rules: if this instance has the turn, it begins anew with them.</summary>
    public void Replace(RuleSet rules) => _rules = rules;

    /// <summary>Beats, and judges while it is this instance's turn, until stopped. To be stopped when the pump has nothing in hand.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        ITurn? turn = null;
        var judging = Task.CompletedTask;
        var end = new CancellationTokenSource();
        while (!stopping.IsCancellationRequested)
        {
            var mine = await BeatAsync(turn, stopping);
            if (mine != turn || (mine is not null && judging.IsCompleted))
            {
                await end.CancelAsync();
                await judging;
                end.Dispose();
                end = new CancellationTokenSource();
                if (turn is not null && mine != turn)
                {
                    Tell(NoticeSeverity.Warning, $"{turns.Instance} has lost its turn to correlate");
                }
                turn = mine;
                judging = mine is null ? Task.CompletedTask : Task.Run(() => JudgeAsync(mine, end.Token), CancellationToken.None);
            }
            await PauseAsync(options.BeatEvery, stopping);
        }
        await end.CancelAsync();
        await judging;
        end.Dispose();
        await LeaveAsync();
    }

    private async ValueTask<ITurn?> BeatAsync(ITurn? turn, CancellationToken stopping)
    {
        try
        {
            return await turns.BeatAsync(own(), stopping);
        }
        catch (Exception e)
        {
            if (!stopping.IsCancellationRequested)
            {
                Tell(NoticeSeverity.Error, "this instance could not tell that it lives; it tries again", e);
            }
            // Should the turn be lost meanwhile, whatever is done by it fails.
            return turn;
        }
    }

    /// <summary>Judges until the turn is lost or the rules change. Never throws.</summary>
    private async Task JudgeAsync(ITurn turn, CancellationToken end)
    {
        try
        {
            var live = new LiveInstances(options.DeadAfter, clock);
            while (!end.IsCancellationRequested)
            {
                await JudgeAsync(turn, _rules, live, end);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested) { }
        catch (TurnLostException)
        {
            // The next beat tells so too.
        }
        catch (Exception e)
        {
            Tell(NoticeSeverity.Error, "correlating failed; it begins anew, here or in another instance", e);
            await EndAsync(turn);
        }
    }

    /// <summary>Judges by one set of rules.</summary>
    private async Task JudgeAsync(ITurn turn, RuleSet rules, LiveInstances live, CancellationToken end)
    {
        using var detection = new DetectionPipeline(rules, TimeSpan.Zero, clock, notices, StrangersKept);
        var conclusions = new Conclusions(detection, dispatcher, turn.Ledger, watch ?? PipelineWatch.None);
        var last = await RestoreAsync(turn, detection, end);
        Tell(NoticeSeverity.Information, $"{turns.Instance} correlates for all instances");
        while (rules == _rules)
        {
            var page = await turn.ReadAsync(last, end);
            last = page.Last;
            var (watermark, dead) = live.Take(page.Beats);
            // What has come already must be in before time passes it.
            await conclusions.WriteAsync(detection.Take(page.Hits, page.More ? DateTimeOffset.MinValue : watermark), end);
            Interlocked.Exchange(ref _watermark, detection.Watermark.UtcTicks);
            foreach (var instance in dead)
            {
                Tell(NoticeSeverity.Warning, $"instance {instance} has died: what it had in hand comes to others");
                await turn.BuryAsync(instance, end);
            }
            if (!page.More)
            {
                await Task.Delay(options.ReadEvery, clock, end);
            }
        }
    }

    /// <summary>Puts back what the ledger holds. Returns the place in the journal up to which that is.</summary>
    private async ValueTask<long> RestoreAsync(ITurn turn, DetectionPipeline detection, CancellationToken end)
    {
        foreach (var fact in seeds)
        {
            detection.Restore(fact);
        }
        await foreach (var fact in turn.Ledger.ReadHistoryAsync(end))
        {
            detection.Restore(fact);
        }
        JournalPage page;
        long last = 0;
        do
        {
            page = await turn.ReadAsync(last, end);
            last = page.Last;
            foreach (var hit in page.Hits)
            {
                detection.Restore(hit);
            }
        } while (page.More);
        return last;
    }

    private static async ValueTask EndAsync(ITurn turn)
    {
        try
        {
            await turn.EndAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // Nobody keeps it, so it ends by itself.
        }
    }

    private async ValueTask LeaveAsync()
    {
        using var patience = new CancellationTokenSource(options.BeatEvery, clock);
        try
        {
            await turns.LeaveAsync(patience.Token);
        }
        catch (Exception e)
        {
            Tell(NoticeSeverity.Warning, "this instance could not take its leave; the others count it as dead after a while", e);
        }
    }

    private async Task PauseAsync(TimeSpan wait, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(wait, clock, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
    }

    private void Tell(NoticeSeverity severity, string message, Exception? error = null) => notices.Report(new Notice(severity, "instances", message, error));
}

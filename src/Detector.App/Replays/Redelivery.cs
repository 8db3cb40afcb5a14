using Detector.App.Options;
using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.App.Replays;

/// <summary>
/// Sends what a replay found to the sinks of the live path, through its ledger: what was told already is not told again, now or when the live path comes to the
/// same events.
/// </summary>
internal static class Redelivery
{
    private const int AtOnce = 100;

    /// <summary>Checks that there is somewhere to send to, before an archive is read for nothing.</summary>
    /// <exception cref="StartException">There is not; the message tells what to do.</exception>
    public static void Check(DetectorOptions options)
    {
        if (options is { Slack: null, Sns: null, Jsonl: null })
            throw new StartException("--deliver: no sink is configured but the console: give slack, sns or jsonl in the configuration (--config)");
        if (options.Ledger is { File: null, Redis: null })
            throw new StartException("--deliver: a ledger in memory cannot tell what was told already: configure ledger.file or ledger.redis");
    }

    /// <summary>Delivers; returns how many alerts were new to the ledger. Ends when each is delivered or refused, or when asked to stop: the rest then waits in the ledger.</summary>
    /// <exception cref="StartException">The ledger cannot be opened, as while the live path holds it.</exception>
    public static async Task<int> SendAsync(IEnumerable<Alert> alerts, DetectorOptions options, Terminal terminal)
    {
        var log = new NoticeLog(terminal.Error, terminal.Time, options.Log, options.Secrets);
        await using var parts = await Composition.OutboxAsync(options with { Console = null }, terminal, log);
        using var quiet = new CancellationTokenSource();
        var dispatching = parts.Dispatcher.RunAsync(quiet.Token);
        var sent = 0;
        try
        {
            // An archive is handed over when it is replayed.
            var now = terminal.Time.GetUtcNow();
            foreach (var some in alerts.Select(alert => alert with { SentAt = now }).Chunk(AtOnce))
                sent += await parts.Dispatcher.AcceptAlertsAsync(some, terminal.Stopping);
            await parts.Dispatcher.EmptyAsync(terminal.Stopping);
        }
        catch (OperationCanceledException) when (terminal.Stopping.IsCancellationRequested)
        {
            log.Report(new Notice(NoticeSeverity.Warning, "detector", "stopped: what is not delivered yet waits in the ledger"));
        }
        await quiet.CancelAsync();
        await dispatching;
        return sent;
    }
}

using Detector.App.Sample;
using Detector.Core;

namespace Detector.App.Commands;

/// <summary>Runs the detector until it is stopped.</summary>
internal static class RunCommand
{
    /// <summary>What is on its way to the sinks when the program is stopped has this long; the rest waits in the ledger for the next start.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Returns the exit code.</summary>
    public static async Task<int> RunAsync(RunSettings settings, IProgress<Notice> log, Terminal terminal)
    {
        using var place = settings.Sample ? new SamplePlace() : null;
        await using var parts = await Composition.LiveAsync(place?.Instead(settings.Options) ?? settings.Options, terminal, log);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(terminal.Stopping);
        using var abandon = new CancellationTokenSource();
        using var quiet = new CancellationTokenSource();

        var pumping = parts.Pump.RunAsync(stopping.Token, abandon.Token);
        var dispatching = parts.Dispatcher.RunAsync(quiet.Token);
        var watchingOver = parts.WatchOverAsync(stopping.Token);
        var correlating = parts.Correlator?.RunAsync(quiet.Token) ?? Task.CompletedTask;
        var watching = parts.Rules.RunAsync(parts.Replace, terminal.Reload, quiet.Token);
        log.Report(new Notice(NoticeSeverity.Information, "detector", "ready"));
        if (settings.Sample)
            await TellStoryAsync(settings, parts, log, terminal, stopping);

        await Task.WhenAny(pumping, Task.Delay(Timeout.InfiniteTimeSpan, stopping.Token));
        log.Report(new Notice(NoticeSeverity.Information, "detector", "stopping: finishes what is in hand"));
        abandon.CancelAfter(Grace * 2);
        await FinishAsync(pumping, abandon.Token);
        await EmptyAsync(parts, terminal);
        await quiet.CancelAsync();
        // A ledger that cannot be written to would keep them for ever: what could not be settled is sent again at the next start.
        await Task.WhenAny(dispatching, Task.Delay(Grace, terminal.Time));
        await watchingOver;
        await correlating;
        await watching;
        return ExitCode.Done;
    }

    /// <summary>Feeds the story in, and if asked to, ends the run when its last alert is out.</summary>
    private static async Task TellStoryAsync(RunSettings settings, LivePath parts, IProgress<Notice> log, Terminal terminal, CancellationTokenSource stopping)
    {
        var story = SampleStory.Load(terminal.Time);
        var end = terminal.Time.GetUtcNow();
        try
        {
            if (parts.Sqs is { } sqs)
            {
                await SampleFeed.ToQueueAsync(sqs, settings.Options.Queue!.Url, story, stopping.Token);
            }
            else
            {
                using var http = new HttpClient();
                await SampleFeed.ToIntakeAsync(http, new Uri(parts.Intake!, "events"), story, stopping.Token);
            }
            log.Report(new Notice(NoticeSeverity.Information, "sample", $"the story of {story.Count} events is in"));
            // Time passes the story's end only when the source is empty and nothing of it is in hand.
            while (parts.Watermark <= end)
                await Task.Delay(TimeSpan.FromMilliseconds(50), terminal.Time, stopping.Token);
            await parts.Dispatcher.EmptyAsync(stopping.Token);
            log.Report(new Notice(NoticeSeverity.Information, "sample", "the story is told"));
            if (settings.ExitAfterSample)
                await stopping.CancelAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
    }

    private static async Task FinishAsync(Task pumping, CancellationToken abandon)
    {
        try
        {
            await pumping;
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            // What was abandoned was not acknowledged: it comes again.
        }
    }

    /// <summary>Gives deliveries a moment; sinks that are down must not keep the program from ending.</summary>
    private static async Task EmptyAsync(LivePath parts, Terminal terminal)
    {
        using var limit = new CancellationTokenSource(Grace, terminal.Time);
        try
        {
            await parts.Dispatcher.EmptyAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested) { }
    }
}

using Detector.App.Vigil;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Status;

/// <summary>
/// Asks the parts of the live path how they are. Ready means: the source has answered lately, and the ledger answers now. A sink that is down is told on the page
/// and does not make the program unready, as its alerts wait safely; nor do worries (silence, a lost canary), which no restart mends.
/// </summary>
internal sealed class StatusMaker(
    LiveStatus live,
    RuleCosts costs,
    IEventSource source,
    Judge judge,
    Func<DateTimeOffset> watermark,
    ILedger ledger,
    IReadOnlyList<SinkRoute> routes,
    Func<IReadOnlyList<string>> worries,
    TimeProvider time
)
{
    /// <summary>A source says at least that it is empty every 20 seconds (the longest wait of SQS); so long without a word is an outage.</summary>
    public static readonly TimeSpan SourcePatience = TimeSpan.FromMinutes(2);

    /// <summary>The cost of so many rules is shown.</summary>
    private const int DearRules = 10;

    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LedgerPatience = TimeSpan.FromSeconds(5);

    /// <summary>Waiting deliveries by sink, as they were when they were last counted.</summary>
    public IEnumerable<(string Sink, long Pending)> Pending { get; private set; } = [];

    /// <summary>As it is now.</summary>
    public async ValueTask<StatusReport> MakeAsync(CancellationToken cancellation)
    {
        var complaints = new List<string>();
        var numbers = live.Now();
        var silent = numbers.At - (numbers.Answered ?? live.Started);
        if (silent > SourcePatience)
            complaints.Add($"the source ({source.Name}) has not answered for {(int)silent.TotalMinutes} minutes");
        var sinks = await OutboxesAsync(complaints, cancellation);
        var passed = watermark();
        return new StatusReport(
            ProgramVersion.Text,
            live.Started,
            source.Name,
            judge.Rules.Detections.Count + judge.Rules.Correlations.Count,
            passed == DateTimeOffset.MinValue ? null : passed,
            numbers,
            [.. costs.Dearest().Take(DearRules)],
            sinks,
            complaints,
            worries()
        );
    }

    /// <summary>Counts what waits until stopped, for metrics: they are read at times when no ledger can be asked.</summary>
    public Task CountAsync(CancellationToken stopping) => Rounds.RunAsync(CountEvery, time, () => OutboxesAsync([], stopping).AsTask(), _ => { }, stopping);

    /// <summary>Everything for which a heartbeat is withheld.</summary>
    public async ValueTask<IReadOnlyList<string>> ComplaintsAsync(CancellationToken cancellation)
    {
        var report = await MakeAsync(cancellation);
        return [.. report.Complaints, .. report.Worries];
    }

    private async ValueTask<IReadOnlyList<(string, Level, OutboxState)>> OutboxesAsync(List<string> complaints, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(LedgerPatience, time);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        var sinks = new List<(string Name, Level Minimum, OutboxState Outbox)>();
        try
        {
            foreach (var route in routes)
                sinks.Add((route.Sink.Name, route.Minimum, await ledger.StateAsync(route.Sink.Name, bounded.Token).AsTask().WaitAsync(bounded.Token)));
            Pending = [.. sinks.Select(sink => (sink.Name, sink.Outbox.Pending))];
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            complaints.Add(e is OperationCanceledException ? "the ledger does not answer" : $"the ledger fails ({e.GetType().Name})");
        }
        return sinks;
    }
}

using System.Text;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.App.Vigil;

/// <summary>
/// Makes a harmless call now and then and waits for CloudTrail to bring it back: the whole chain from the API to stage 1, tried without anybody's help. A call that
/// does not come back in time is an alert.
/// </summary>
/// <param name="call">Makes the call and answers with AWS's request id.</param>
/// <param name="every">The time between two calls.</param>
/// <param name="within">How long one is waited for.</param>
/// <param name="source">The source's name.</param>
/// <param name="time">The wall clock, which is told of, and the one that only counts, which is gone by.</param>
/// <param name="notices">Told how each ended.</param>
internal sealed class CanaryWatch(
    Func<CancellationToken, Task<string>> call,
    TimeSpan every,
    TimeSpan within,
    string source,
    TimeProvider time,
    IProgress<Notice> notices
) : PipelineWatch
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly List<Canary> _out = [];

    /// <summary>Why somebody should look; null while canaries come back.</summary>
    public string? Complaint { get; private set; }

    /// <inheritdoc/>
    public override void Judged(EventBatch batch, in Judgement judgement)
    {
        lock (_lock)
        {
            foreach (var canary in _out)
            {
                // A request id is as good as unique: where its text stands, its record stands.
                if (canary.BackAfter is null && batch.Content.Span.IndexOf(canary.Text) >= 0)
                    canary.BackAfter = time.GetElapsedTime(canary.Stamp);
            }
        }
    }

    /// <summary>Calls and looks until stopped.</summary>
    public Task RunAsync(Dispatcher dispatcher, CancellationToken stopping)
    {
        long? last = null;
        return Rounds.RunAsync(
            LookEvery,
            time,
            async () =>
            {
                if (last is null || time.GetElapsedTime(last.Value) >= every)
                {
                    last = time.GetTimestamp();
                    await CallAsync(stopping);
                }
                await LookAsync(dispatcher, stopping);
            },
            e => notices.Report(new Notice(NoticeSeverity.Error, "canary", "a lost call could not be told; it is tried again", e)),
            stopping
        );
    }

    /// <summary>Lets one out.</summary>
    public async Task CallAsync(CancellationToken stopping)
    {
        try
        {
            var (called, stamp) = (time.GetUtcNow(), time.GetTimestamp());
            var id = await call(stopping);
            lock (_lock)
                _out.Add(new Canary(id, called, stamp));
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // That it cannot be made says nothing about the trail.
            notices.Report(new Notice(NoticeSeverity.Warning, "canary", "the call sts:GetCallerIdentity failed", e));
        }
    }

    /// <summary>Tells of those that are back, and alerts on those that are overdue.</summary>
    public async Task LookAsync(Dispatcher dispatcher, CancellationToken stopping)
    {
        Canary[] back;
        Canary[] lost;
        lock (_lock)
        {
            back = [.. _out.Where(canary => canary.BackAfter is not null)];
            lost = [.. _out.Where(canary => canary.BackAfter is null && time.GetElapsedTime(canary.Stamp) > within)];
            _out.RemoveAll(back.Contains);
        }
        foreach (var canary in back)
        {
            Complaint = null;
            notices.Report(new Notice(NoticeSeverity.Information, "canary", $"came back after {Words.Waited(canary.BackAfter!.Value)}"));
        }
        foreach (var canary in lost)
        {
            Complaint = $"a call of {canary.Called:HH:mm} UTC did not come back through CloudTrail within {Words.Waited(within)}";
            await dispatcher.AcceptAlertsAsync([SelfAlert.CanaryLost(source, canary.RequestId, canary.Called, within)], stopping);
            lock (_lock)
                _out.Remove(canary);
        }
    }

    private sealed class Canary(string requestId, DateTimeOffset called, long stamp)
    {
        public string RequestId => requestId;

        public byte[] Text { get; } = Encoding.UTF8.GetBytes(requestId);

        public DateTimeOffset Called => called;

        public long Stamp => stamp;

        public TimeSpan? BackAfter { get; set; }
    }
}

using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.App.Vigil;

/// <summary>
/// Alerts through the other sinks when one takes nothing: at once if waiting will not mend it (a channel that is gone, a topic that does not exist, a message that is
/// refused for good), else when it has lasted. What waits for that sink stays in the ledger meanwhile.
/// </summary>
/// <param name="time">The wall clock, which is told of, and the one that only counts, which is gone by.</param>
/// <param name="notices">Told when an alert could not be raised.</param>
internal sealed class DeliveryWatch(TimeProvider time, IProgress<Notice> notices) : PipelineWatch
{
    /// <summary>The time between two looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>After how long a trouble that may pass by itself is told of.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromMinutes(10);

    /// <summary>A sink that wants to be left alone for so long waits for an operator.</summary>
    private static readonly TimeSpan ForOperator = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Failing> _failing = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void Answered(Dispatch dispatch, SinkAnswer answer)
    {
        lock (_lock)
        {
            if (answer.Outcome == SinkOutcome.Delivered)
            {
                _failing.Remove(dispatch.Sink);
                return;
            }
            // That an alert of this kind cannot be told is no news.
            if (dispatch.Alert.Rule.Id == SelfAlert.UndeliverableRule)
                return;
            if (!_failing.TryGetValue(dispatch.Sink, out var failing))
                _failing[dispatch.Sink] = failing = new Failing(time);
            failing.Reason = answer.Reason;
            failing.ForGood |= answer.Outcome == SinkOutcome.Refused;
            failing.NeedsSomebody |= failing.ForGood || answer.After >= ForOperator;
        }
    }

    /// <summary>Looks until stopped.</summary>
    public Task RunAsync(Dispatcher dispatcher, CancellationToken stopping) =>
        Rounds.RunAsync(
            Every,
            time,
            () => LookAsync(dispatcher, stopping),
            e => notices.Report(new Notice(NoticeSeverity.Error, "delivery", "that a sink takes nothing could not be told; it is tried again", e)),
            stopping
        );

    /// <summary>Looks once.</summary>
    public async Task LookAsync(Dispatcher dispatcher, CancellationToken stopping)
    {
        foreach (var (sink, failing) in Due())
        {
            await dispatcher.AcceptAlertsAsync([SelfAlert.Undeliverable(sink, failing.Since, failing.Reason, failing.ForGood)], stopping);
            failing.Told = true;
        }
    }

    private List<(string Sink, Failing Failing)> Due()
    {
        lock (_lock)
        {
            return [.. _failing.Where(one => one.Value.IsDue).Select(one => (one.Key, one.Value))];
        }
    }

    /// <summary>A sink that has taken nothing since.</summary>
    private sealed class Failing(TimeProvider time)
    {
        private readonly long _began = time.GetTimestamp();

        public DateTimeOffset Since { get; } = time.GetUtcNow();

        public string Reason { get; set; } = "";

        public bool ForGood { get; set; }

        public bool NeedsSomebody { get; set; }

        public bool Told { get; set; }

        public bool IsDue => !Told && (NeedsSomebody || time.GetElapsedTime(_began) >= Lasting);
    }
}

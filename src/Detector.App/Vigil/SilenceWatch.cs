using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection.History;
using Detector.Core.Events;

namespace Detector.App.Vigil;

/// <summary>Alerts when nothing has come for longer than is usual here, or than the operator allows. What is usual survives a restart in the ledger.</summary>
/// <param name="after">What the operator allows; null to go by what is usual.</param>
/// <param name="source">The source's name.</param>
/// <param name="time">The wall clock, which is told of, and the one that only counts, which is gone by.</param>
/// <param name="notices">Told when events come again.</param>
internal sealed class SilenceWatch(TimeSpan? after, string source, TimeProvider time, IProgress<Notice> notices) : PipelineWatch
{
    /// <summary>The time between two looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly UsualQuiet _usual = new();
    private readonly List<LearnedFact> _learned = [];
    private DateTimeOffset _last = time.GetUtcNow();
    private long _lastStamp = time.GetTimestamp();
    private bool _hasReceived;
    private DateTimeOffset? _told;

    /// <summary>Why somebody should look; null while events come as usual.</summary>
    public string? Complaint { get; private set; }

    /// <inheritdoc/>
    public override void Restored(LearnedFact fact)
    {
        lock (_lock)
            _usual.Restore(fact);
    }

    /// <inheritdoc/>
    public override void Received(EventBatch batch)
    {
        if (batch.IsIdle)
            return;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            // The pause before the first arrival is the detector's own, not the source's.
            if (_hasReceived && _usual.Learn(time.GetElapsedTime(_lastStamp), now) is { } fact)
                _learned.Add(fact);
            (_last, _lastStamp, _hasReceived) = (now, time.GetTimestamp(), true);
        }
    }

    /// <summary>Looks until stopped.</summary>
    public Task RunAsync(Dispatcher dispatcher, ILedger ledger, CancellationToken stopping) =>
        Rounds.RunAsync(
            Every,
            time,
            () => LookAsync(dispatcher, ledger, stopping),
            e => notices.Report(new Notice(NoticeSeverity.Error, "silence", "could not be told or remembered; it is tried again", e)),
            stopping
        );

    /// <summary>Looks once.</summary>
    public async Task LookAsync(Dispatcher dispatcher, ILedger ledger, CancellationToken stopping)
    {
        LearnedFact[] learned;
        Alert? alert;
        lock (_lock)
        {
            learned = [.. _learned];
            alert = Silent();
        }
        await ledger.RememberAsync(learned, [], stopping);
        lock (_lock)
            _learned.RemoveRange(0, learned.Length);
        if (alert is null)
            return;
        await dispatcher.AcceptAlertsAsync([alert], stopping);
        _told = alert.Time;
    }

    private Alert? Silent()
    {
        var quiet = time.GetElapsedTime(_lastStamp);
        if ((after ?? _usual.Limit(time.GetUtcNow())) is not { } limit || quiet <= limit)
        {
            if (Complaint is not null)
                notices.Report(new Notice(NoticeSeverity.Information, "silence", "events come again"));
            Complaint = null;
            return null;
        }
        var usual = after is null
            ? $"the longest pause of the last two weeks was {Words.Waited(_usual.Longest)}"
            : $"the operator allows {Words.Waited(after.Value)} (silence.after)";
        Complaint = $"nothing has come from {source} for {Words.Waited(quiet)}; {usual}";
        return _told == _last ? null : SelfAlert.Silence(source, _last, quiet, usual);
    }
}

using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.App.Status;

/// <summary>What the live path has done since it started, kept for whoever looks: the newest alerts, rates of the last hour, each sink, each rule that fired.</summary>
internal sealed class LiveStatus(TimeProvider time) : PipelineWatch
{
    /// <summary>So many of the newest alerts are kept.</summary>
    public const int Newest = 50;

    private readonly Lock _lock = new();
    private readonly RecentAlerts _known = new(10_000);
    private readonly Rate _events = new();
    private readonly Rate _alerts = new();
    private readonly LinkedList<TakenAlert> _newest = new();
    private readonly SortedDictionary<string, SinkStatus> _sinks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RuleStatus> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Suppression, string Rule), HiddenStatus> _hidden = [];
    private long _rejected;
    private DateTimeOffset? _answered;
    private DateTimeOffset? _received;
    private DateTimeOffset? _newestEvent;

    public DateTimeOffset Started { get; } = time.GetUtcNow();

    /// <inheritdoc/>
    public override void Received(EventBatch batch)
    {
        lock (_lock)
        {
            _answered = time.GetUtcNow();
            if (!batch.IsIdle)
                _received = _answered;
        }
    }

    /// <inheritdoc/>
    public override void Judged(EventBatch batch, in Judgement judgement)
    {
        lock (_lock)
        {
            _events.Add(judgement.Records, time.GetUtcNow());
            _rejected += judgement.Rejected.Count;
            if (judgement.Newest > (_newestEvent ?? DateTimeOffset.MinValue))
                _newestEvent = judgement.Newest;
        }
    }

    /// <inheritdoc/>
    public override void Accepted(Alert alert)
    {
        if (!_known.Add(alert.Id))
            return;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (alert.HiddenBy is { } suppression)
            {
                var before = _hidden.GetValueOrDefault((suppression, alert.Rule.Id));
                _hidden[(suppression, alert.Rule.Id)] = new HiddenStatus(suppression, alert.Rule, (before?.Alerts ?? 0) + 1, now);
                return;
            }
            _alerts.Add(1, now);
            _newest.AddFirst(new TakenAlert(alert, now));
            if (_newest.Count > Newest)
                _newest.RemoveLast();
            _rules.TryGetValue(alert.Rule.Id, out var rule);
            _rules[alert.Rule.Id] = new RuleStatus(alert.Rule, (rule?.Alerts ?? 0) + 1, now);
        }
    }

    /// <inheritdoc/>
    public override void Answered(Dispatch dispatch, SinkAnswer answer)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var sink = _sinks.GetValueOrDefault(dispatch.Sink) ?? new SinkStatus();
            _sinks[dispatch.Sink] = answer.Outcome switch
            {
                SinkOutcome.Delivered => sink with { Delivered = sink.Delivered + 1, LastDelivered = now },
                SinkOutcome.Refused => sink with { Refused = sink.Refused + 1, LastFailure = now, Reason = answer.Reason },
                _ => sink with { Retries = sink.Retries + 1, LastFailure = now, Reason = answer.Reason },
            };
        }
    }

    /// <summary>As it is now.</summary>
    public LiveNumbers Now()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return new LiveNumbers(
                now,
                _events.Total,
                _rejected,
                [.. Spans.Select(minutes => new RateNumbers(minutes, _events.Within(minutes, now), _alerts.Within(minutes, now)))],
                _answered,
                _received,
                _newestEvent,
                [.. _newest],
                new Dictionary<string, SinkStatus>(_sinks, StringComparer.Ordinal),
                [.. _rules.Values.OrderByDescending(rule => rule.Last)],
                [.. _hidden.Values.OrderByDescending(hidden => hidden.Last)]
            );
        }
    }

    private static readonly int[] Spans = [1, 10, 60];

    /// <summary>Counts by minute, for an hour.</summary>
    private sealed class Rate
    {
        private readonly (long Minute, long Count)[] _minutes = new (long, long)[60];

        public long Total { get; private set; }

        public void Add(long count, DateTimeOffset now)
        {
            var minute = now.UtcTicks / TimeSpan.TicksPerMinute;
            ref var slot = ref _minutes[minute % _minutes.Length];
            slot = slot.Minute == minute ? (minute, slot.Count + count) : (minute, count);
            Total += count;
        }

        /// <summary>The last so many minutes, the one that runs included.</summary>
        public long Within(int minutes, DateTimeOffset now)
        {
            var oldest = now.UtcTicks / TimeSpan.TicksPerMinute - minutes;
            return _minutes.Where(slot => slot.Minute > oldest).Sum(slot => slot.Count);
        }
    }
}

/// <summary>What <see cref="LiveStatus"/> tells at one moment.</summary>
/// <param name="At">The moment.</param>
/// <param name="Events">Records read since the start.</param>
/// <param name="Rejected">Records that could not be read.</param>
/// <param name="Rates">For some spans of minutes.</param>
/// <param name="Answered">When the source last gave something, or said that it is empty.</param>
/// <param name="Received">When it last gave something.</param>
/// <param name="NewestEvent">The newest eventTime.</param>
/// <param name="Newest">The newest alerts, the last first.</param>
/// <param name="Sinks">Sinks that have been used, by name.</param>
/// <param name="Rules">Rules that have fired, the last first.</param>
/// <param name="Hidden">What suppressions have hidden, the last first.</param>
internal sealed record LiveNumbers(
    DateTimeOffset At,
    long Events,
    long Rejected,
    IReadOnlyList<RateNumbers> Rates,
    DateTimeOffset? Answered,
    DateTimeOffset? Received,
    DateTimeOffset? NewestEvent,
    IReadOnlyList<TakenAlert> Newest,
    IReadOnlyDictionary<string, SinkStatus> Sinks,
    IReadOnlyList<RuleStatus> Rules,
    IReadOnlyList<HiddenStatus> Hidden
);

/// <summary>How much came in the last minutes.</summary>
internal sealed record RateNumbers(int Minutes, long Events, long Alerts);

/// <summary>An alert, and when the ledger took it.</summary>
internal sealed record TakenAlert(Alert Alert, DateTimeOffset At);

/// <summary>What a sink has done.</summary>
internal sealed record SinkStatus
{
    public long Delivered { get; init; }

    public long Retries { get; init; }

    public long Refused { get; init; }

    public DateTimeOffset? LastDelivered { get; init; }

    public DateTimeOffset? LastFailure { get; init; }

    /// <summary>Of the last failure; without secrets, as sinks promise.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>What a rule has done.</summary>
internal sealed record RuleStatus(AlertRule Rule, long Alerts, DateTimeOffset Last);

/// <summary>What a suppression has hidden of a rule.</summary>
internal sealed record HiddenStatus(string Suppression, AlertRule Rule, long Alerts, DateTimeOffset Last);

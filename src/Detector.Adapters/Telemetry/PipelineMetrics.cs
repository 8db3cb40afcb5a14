using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Adapters.Telemetry;

/// <summary>
/// The live path in numbers, by the names and units of <c>docs/observing.md</c>. Labels are rules, sinks and outcomes: nothing that a caller can choose, so
/// that nobody can fill a metrics store from outside.
/// </summary>
public sealed class PipelineMetrics : PipelineWatch, IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Detector";

    /// <summary>The meter of .NET itself: memory, garbage collections, threads.</summary>
    public const string RuntimeMeterName = "System.Runtime";

    /// <summary>The cost of so many rules is told, those that were the dearest when there was still room: a metrics store keeps every name for long.</summary>
    internal const int RulesWithCost = 200;

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<EventBatch, long> _inHand = [];
    private readonly RecentAlerts _alerted = new(10_000);
    private readonly HashSet<string> _costly = new(StringComparer.Ordinal);
    private readonly Counter<long> _received;
    private readonly Counter<long> _matched;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _late;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _hits;
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _hidden;
    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _queueWait;
    private readonly Histogram<double> _batchTime;
    private readonly Histogram<double> _alertLatency;

    /// <param name="version">The program's.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="watermark">Up to where time has passed in detection.</param>
    /// <param name="pending">Deliveries that wait, by sink, as last counted.</param>
    /// <param name="costs">What rules cost.</param>
    public PipelineMetrics(
        string version,
        TimeProvider time,
        Func<DateTimeOffset> watermark,
        Func<IEnumerable<(string Sink, long Pending)>> pending,
        RuleCosts costs
    )
    {
        _time = time;
        _received = _meter.CreateCounter<long>("detector.events.received", "{event}", "CloudTrail records read.");
        _matched = _meter.CreateCounter<long>("detector.events.matched", "{event}", "Records that at least one rule matched.");
        _rejected = _meter.CreateCounter<long>("detector.events.rejected", "{event}", "Records that could not be read.");
        _late = _meter.CreateCounter<long>("detector.findings.late", "{finding}", "Findings of events that came when their place in time had been judged.");
        _batches = _meter.CreateCounter<long>("detector.batches", "{batch}", "Batches (messages, bodies, files) settled, by outcome.");
        _hits = _meter.CreateCounter<long>("detector.rule.hits", "{hit}", "Events that a rule matched, by rule.");
        _alerts = _meter.CreateCounter<long>("detector.alerts", "{alert}", "Alerts raised, by rule and level; repeats of one alert count once.");
        _hidden = _meter.CreateCounter<long>("detector.alerts.hidden", "{alert}", "Alerts that suppressions kept from everybody, by rule and suppression.");
        _deliveries = _meter.CreateCounter<long>("detector.deliveries", "{send}", "Sends, by sink, rule and outcome: delivered, retry or refused.");
        _queueWait = _meter.CreateHistogram(
            "detector.queue.wait",
            "s",
            "How long a message had been in its queue when it was received.",
            advice: Buckets(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 21600)
        );
        _batchTime = _meter.CreateHistogram(
            "detector.batch.duration",
            "s",
            "From receiving a batch to settling it.",
            advice: Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30)
        );
        _alertLatency = _meter.CreateHistogram(
            "detector.alert.latency",
            "s",
            "From the event's own time to its alert's delivery, by sink.",
            advice: Buckets(1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 21600, 86400)
        );
        _meter.CreateObservableGauge("detector.build.info", () => new Measurement<int>(1, Of("version", version)), null, "1, by the program's version.");
        _meter.CreateObservableGauge("detector.batches.in_hand", () => _inHand.Count, "{batch}", "Batches received and not settled.");
        _meter.CreateObservableGauge("detector.watermark.lag", () => Lag(watermark()), "s", "How far detection's time is behind the wall clock.");
        _meter.CreateObservableGauge("detector.outbox.pending", () => Pending(pending()), "{delivery}", "Deliveries that wait, by sink.");
        _meter.CreateObservableCounter(
            "detector.rule.cost",
            () => Costs(costs),
            "s",
            $"Time that a rule's condition took, by rule, estimated from one record in {RuleCosts.Every}; of {RulesWithCost} rules at most."
        );
    }

    /// <inheritdoc/>
    public override void Received(EventBatch batch)
    {
        if (batch.IsIdle)
        {
            return;
        }
        _inHand[batch] = _time.GetTimestamp();
        if (batch.SentAt is { } sent)
        {
            _queueWait.Record(Math.Max(0, (_time.GetUtcNow() - sent).TotalSeconds));
        }
    }

    /// <inheritdoc/>
    public override void Judged(EventBatch batch, in Judgement judgement)
    {
        _received.Add(judgement.Records);
        _rejected.Add(judgement.Rejected.Count);
        if (judgement.Hits.Count == 0)
        {
            return;
        }
        var hits = judgement.Hits.Where(hit => hit.Rule is not DetectionRule { IsLesson: true }).ToList();
        _matched.Add(hits.DistinctBy(hit => hit.Event).Count());
        foreach (var hit in hits)
        {
            _hits.Add(1, Of("rule", hit.Rule.Label));
        }
    }

    /// <inheritdoc/>
    public override void Concluded(Outcome outcome) => _late.Add(outcome.Findings.Count(finding => finding.Late));

    /// <inheritdoc/>
    public override void Settled(EventBatch batch, bool acknowledged)
    {
        if (_inHand.TryRemove(batch, out var since))
        {
            _batchTime.Record(_time.GetElapsedTime(since).TotalSeconds);
        }
        _batches.Add(1, Of("outcome", acknowledged ? "acknowledged" : "returned"));
    }

    /// <inheritdoc/>
    public override void Accepted(Alert alert)
    {
        if (!_alerted.Add(alert.Id))
        {
            return;
        }
        if (alert.HiddenBy is { } suppression)
        {
            _hidden.Add(1, Of("rule", alert.Rule.Name), Of("suppression", suppression));
        }
        else
        {
            _alerts.Add(1, Of("rule", alert.Rule.Name), Of("level", alert.Rule.Level.Word()));
        }
    }

    /// <inheritdoc/>
    public override void Answered(Dispatch dispatch, SinkAnswer answer)
    {
        var outcome = answer.Outcome switch
        {
            SinkOutcome.Delivered => "delivered",
            SinkOutcome.Refused => "refused",
            _ => "retry",
        };
        _deliveries.Add(1, Of("sink", dispatch.Sink), Of("rule", dispatch.Alert.Rule.Name), Of("outcome", outcome));
        if (answer.Outcome == SinkOutcome.Delivered && dispatch.Alert.Time is { } time)
        {
            _alertLatency.Record(Math.Max(0, (_time.GetUtcNow() - time).TotalSeconds), Of("sink", dispatch.Sink));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Whether an instrument is one of these: tests have several at once.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    private double Lag(DateTimeOffset watermark) => watermark == DateTimeOffset.MinValue ? 0 : Math.Max(0, (_time.GetUtcNow() - watermark).TotalSeconds);

    private static IEnumerable<Measurement<long>> Pending(IEnumerable<(string Sink, long Pending)> sinks) =>
        sinks.Select(sink => new Measurement<long>(sink.Pending, Of("sink", sink.Sink)));

    /// <summary>Several readers may ask at once.</summary>
    private List<Measurement<double>> Costs(RuleCosts costs)
    {
        lock (_costly)
        {
            return
            [
                .. costs
                    .Dearest()
                    .Where(cost => _costly.Contains(cost.Rule) || (_costly.Count < RulesWithCost && _costly.Add(cost.Rule)))
                    .Select(cost => new Measurement<double>(cost.Time.TotalSeconds, Of("rule", cost.Rule))),
            ];
        }
    }

    private static KeyValuePair<string, object?> Of(string name, string value) => new(name, value);

    private static InstrumentAdvice<double> Buckets(params double[] bounds) => new() { HistogramBucketBoundaries = bounds };
}

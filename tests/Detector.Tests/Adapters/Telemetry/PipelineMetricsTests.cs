using System.Diagnostics.Metrics;
using System.Text;
using Detector.Adapters.Telemetry;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Delivery;
using Detector.Tests.Detection;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Telemetry;

public sealed class PipelineMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(Offers.Noon);
    private readonly Dictionary<string, double> _measured = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly RuleCosts _costs;
    private readonly PipelineMetrics _metrics;

    public PipelineMetricsTests()
    {
        _costs = new RuleCosts(_clock);
        _metrics = new PipelineMetrics("1.2.3", _clock, () => _clock.GetUtcNow().AddMinutes(-2), () => [("slack", 5)], _costs);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Tests beside this one have meters of the same name.
            if (_metrics.Owns(instrument))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void Batch_ReceivedAndSettled_TellsItsWaitAndItsTime()
    {
        var batch = new EventBatch("test", Encoding.UTF8.GetBytes("{}"), Receipt.None, sentAt: Offers.Noon.AddSeconds(-30));

        _metrics.Received(batch);
        _listener.RecordObservableInstruments();
        _clock.Advance(TimeSpan.FromMilliseconds(40));
        _metrics.Settled(batch, acknowledged: true);

        Assert.Equal(30, _measured["detector.queue.wait"]);
        Assert.Equal(1, _measured["detector.batches.in_hand"]);
        Assert.Equal(0.04, _measured["detector.batch.duration"], 3);
        Assert.Equal(1, _measured["detector.batches outcome=acknowledged"]);
    }

    [Fact]
    public void Judged_RecordsHitsAndRejected_AreCounted()
    {
        var rules = Stage.Rules().Detections;
        var hits = new[] { Hit(rules[0], "e1"), Hit(rules[0], "e2"), Hit(rules[1], "e2") };

        _metrics.Judged(EventBatch.Idle, new Judgement(RuleSet.Empty, 9, null, hits, [new Rejected("test", 0, 0, "garbage", default)]));

        Assert.Equal(9, _measured["detector.events.received"]);
        Assert.Equal(2, _measured["detector.events.matched"]);
        Assert.Equal(1, _measured["detector.events.rejected"]);
        Assert.Equal(2, _measured["detector.rule.hits rule=a"]);
    }

    [Fact]
    public void Accepted_AlertKnownAlready_CountsOnce()
    {
        var alert = Offers.Offer("a", rule: "root-usage").Alert;

        _metrics.Accepted(alert);
        _metrics.Accepted(alert);

        Assert.Equal(1, _measured["detector.alerts rule=root-usage level=high"]);
    }

    [Fact]
    public void Accepted_HiddenAlert_CountsByItsSuppressionAndAsNoAlert()
    {
        _metrics.Accepted(Offers.Offer("a", rule: "root-usage").Alert with { HiddenBy = "maintenance" });

        Assert.Equal(1, _measured["detector.alerts.hidden rule=root-usage suppression=maintenance"]);
        Assert.DoesNotContain("detector.alerts rule=root-usage level=high", _measured.Keys);
    }

    [Fact]
    public void Answered_DeliveredAndNot_AreCountedBySinkRuleAndOutcome()
    {
        var dispatch = new Dispatch(Offers.Offer("a", rule: "root-usage").Alert, "slack", 1);
        _clock.Advance(TimeSpan.FromSeconds(7));

        _metrics.Answered(dispatch, SinkAnswer.Retry("later"));
        _metrics.Answered(dispatch, SinkAnswer.Delivered);

        Assert.Equal(1, _measured["detector.deliveries sink=slack rule=root-usage outcome=retry"]);
        Assert.Equal(1, _measured["detector.deliveries sink=slack rule=root-usage outcome=delivered"]);
        Assert.Equal(7, _measured["detector.alert.latency sink=slack"]);
    }

    [Fact]
    public void Gauges_Asked_TellLagAndWaitingDeliveries()
    {
        _listener.RecordObservableInstruments();

        Assert.Equal(120, _measured["detector.watermark.lag"]);
        Assert.Equal(5, _measured["detector.outbox.pending sink=slack"]);
        Assert.Equal(1, _measured["detector.build.info version=1.2.3"]);
    }

    [Fact]
    public void RuleCost_Asked_TellsTheTimeOfEachRuleInSeconds()
    {
        _costs.Add(Stage.Rules().Detections[0], _clock.TimestampFrequency);

        _listener.RecordObservableInstruments();

        Assert.Equal(RuleCosts.Every, _measured["detector.rule.cost rule=a"], 3);
    }

    [Fact]
    public void RuleCost_MoreRulesThanAreTold_TellsTheDearestAndKeepsToThem()
    {
        foreach (var number in Enumerable.Range(1, PipelineMetrics.RulesWithCost + 50))
            _costs.Add(Stage.Rules().Detections[0] with { Name = $"r{number}" }, number * 10_000);
        _listener.RecordObservableInstruments();
        var first = Told();
        _costs.Add(Stage.Rules().Detections[0] with { Name = "r1" }, 1_000_000_000);
        _listener.RecordObservableInstruments();

        Assert.Equal(PipelineMetrics.RulesWithCost, first.Length);
        Assert.Contains($"detector.rule.cost rule=r{PipelineMetrics.RulesWithCost + 50}", first);
        Assert.DoesNotContain("detector.rule.cost rule=r1", first);
        Assert.Equal(first, Told());
    }

    private string[] Told() => [.. _measured.Keys.Where(name => name.StartsWith("detector.rule.cost", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static Hit Hit(DetectionRule rule, string id) => new(rule, Offers.Event(id), Offers.Noon, default, "test", 0);

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var name = instrument.Name;
        foreach (var (label, of) in labels)
            name += $" {label}={of}";
        _measured[name] = _measured.GetValueOrDefault(name) + value;
    }
}

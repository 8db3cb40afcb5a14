using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;
using FsCheck.Xunit;

namespace Detector.Tests.Detection;

/// <summary>
/// However the events of a story come, within the lateness, in whatever batches, however often, and whenever the process dies: the alerts are those of the
/// story told in order.
/// </summary>
public sealed class LiveEqualsReplayTests
{
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(16);
    private static readonly Lazy<IReadOnlyList<Rule>> Letters = new(() => [.. Stage.Rules().Detections]);

    [Property(MaxTest = 1000)]
    public void Shuffled_WithinTheLateness_SameAlerts(Plot plot, Marble[] story, byte[] cuts)
    {
        var rules = plot.Rules();
        var expected = InOrder(rules, story);

        using var stage = new Stage(rules, Lateness);
        foreach (var batch in Arrivals(story, cuts))
        {
            stage.Send(batch);
        }
        stage.End();

        Assert.Equal(expected, stage.Alerts.ToHashSet());
        Assert.False(stage.AnyLate);
        Assert.Empty(stage.Waiting);
    }

    [Property(MaxTest = 1000)]
    public void Killed_AtAnyStep_SameAlerts(Plot plot, Marble[] story, byte[] cuts, byte death, Step step)
    {
        // A restored hit is judged again, and some of what it was judged with may be forgotten: that shows where more hits can unmeet a condition.
        if (plot.Type is CorrelationType.ValueAverage or CorrelationType.ValuePercentile)
        {
            return;
        }
        var rules = plot.Rules();
        var expected = InOrder(rules, story);

        using var stage = new Stage(rules, Lateness);
        stage.SendAndDie(Arrivals(story, cuts), death, step);
        stage.End();

        Assert.Equal(expected, stage.Alerts.ToHashSet());
        Assert.Empty(stage.Waiting);
    }

    private static HashSet<AlertId> InOrder(RuleSet rules, Marble[] story)
    {
        using var stage = new Stage(rules);
        using var batch = Stage.Batch(story.Select((marble, n) => marble.Record(n)).OrderBy(record => record, StringComparer.Ordinal));
        stage.Send(batch);
        stage.End();
        return [.. stage.Alerts];
    }

    /// <summary>Every event delayed within the lateness; the arrivals cut into batches, of which some come twice.</summary>
    private static List<EventBatch> Arrivals(Marble[] story, byte[] cuts) =>
        Stage.Batches(story.Select((marble, n) => (Marble: marble, Record: marble.Record(n))).OrderBy(x => x.Marble.Arrival).Select(x => x.Record), cuts);

    /// <summary>One event: few rules, users and values, so that something happens.</summary>
    public sealed record Marble(byte Rule, byte Second, byte User, byte Value, byte Delay)
    {
        public int Arrival => Second % 64 + Delay % (Lateness.Seconds + 1);

        public string Record(int number) =>
            Stage.Record($"{"aabbdd"[Rule % 6]}{number}", Second % 64, User % 8 == 0 ? "" : $"u{User % 2}", Value % 5 == 0 ? "" : $"{Value % 5}");
    }

    /// <summary>A correlation of any type, and perhaps one that builds on it.</summary>
    public sealed record Plot(CorrelationType Type, byte Few, byte Seconds, byte Bound, bool Grouped, bool Chained, bool Generate)
    {
        public RuleSet Rules()
        {
            var values = Type is not (CorrelationType.EventCount or CorrelationType.Temporal or CorrelationType.TemporalOrdered);
            var first = new CorrelationRule
            {
                Title = "first",
                Place = default,
                Type = Type,
                Rules = [.. "abda".Take(1 + Few % 4).Select(letter => letter.ToString())],
                GroupBy = Grouped ? ["user"] : [],
                Timespan = TimeSpan.FromSeconds(1 + Seconds % 20),
                Count = Type is CorrelationType.Temporal or CorrelationType.TemporalOrdered ? [] : [new CountTest(Comparison.GreaterOrEqual, 1 + Bound % 4)],
                Fields = values ? ["value"] : [],
                Generate = Generate,
            };
            var second = first with
            {
                Title = "second",
                Type = Bound % 2 == 0 ? CorrelationType.EventCount : CorrelationType.TemporalOrdered,
                Rules = ["first", "b"],
                Timespan = first.Timespan * 2,
                Count = Bound % 2 == 0 ? [new CountTest(Comparison.GreaterOrEqual, 2)] : [],
                Fields = [],
            };
            return RuleSet.Compile([.. Letters.Value, .. Chained ? [first, second] : (Rule[])[first]]);
        }
    }
}

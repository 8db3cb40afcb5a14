using System.Reactive.Concurrency;
using Detector.Core.Detection;
using Detector.Core.Detection.Correlations;
using Detector.Core.Rules;

namespace Detector.Tests.Detection;

/// <summary>However callers name groups, and however large their records are, a correlation keeps no more than it may.</summary>
public sealed class WindowGroupsTests
{
    private readonly HistoricalScheduler _clock = new();

    [Fact]
    public void Take_GroupsThatFireWithoutEnd_KeepsNoMoreOfThemThanOfHits()
    {
        var rules = Stage.Rules(("c", "type: event_count, rules: [a], group-by: [user], timespan: 7d, condition: {gte: 1}"));
        using var groups = new WindowGroups(rules.Correlations[0], _clock);
        var hit = Waiting(rules, Stage.Record("a0", 0, "x", ""));

        for (var group = 0; group < WindowGroups.MaxHits + 100; group++)
        {
            var verdict = groups.Take(hit with { Group = $"g{group}" });
            Assert.Single(verdict.Fired);
            Assert.Null(verdict.Crowd);
        }

        Assert.Equal(WindowGroups.MaxHits, groups.Count);
    }

    [Fact]
    public void Take_LargeRecords_CountAsSeveral()
    {
        var rules = Stage.Rules(("c", "type: event_count, rules: [a], group-by: [user], timespan: 7d, condition: {gte: 3}"));
        using var groups = new WindowGroups(rules.Correlations[0], _clock);
        var hit = Waiting(rules, Stage.Record("a0", 0, "x", new string('y', 20_000)));

        var crowded = 0;
        for (var group = 0; group < 6_000; group++)
        {
            crowded += groups.Take(hit with { Group = $"g{group}" }).Crowd is null ? 0 : 1;
        }

        Assert.Equal(5_000, groups.Count);
        Assert.Equal(1_000, crowded);
    }

    private static WaitingHit Waiting(RuleSet rules, string record)
    {
        using var batch = Stage.Batch([record]);
        var hit = Assert.Single(new Judge(rules).Try(batch).Hits);
        return new WaitingHit(rules.Correlations[0], hit, "", null, hit.Time!.Value);
    }
}

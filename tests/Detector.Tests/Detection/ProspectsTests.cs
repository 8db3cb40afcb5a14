using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Rules;
using FsCheck.Xunit;
using Replay = Detector.Core.Replay;

namespace Detector.Tests.Detection;

/// <summary>What is left out because nothing can come of it takes no alert away, adds none, and changes none.</summary>
public sealed class ProspectsTests
{
    [Property(MaxTest = 1000)]
    public void Conclude_WithProspects_AlertsOfAllHits(LiveEqualsReplayTests.Plot plot, LiveEqualsReplayTests.Marble[] story)
    {
        var rules = plot.Rules();
        var replay = new Replay(rules);
        using var batch = Stage.Batch(story.Select((marble, n) => marble.Record(n)));
        var judgement = replay.Try(batch);
        var prospects = new Prospects(rules);
        var hits = prospects.Count(judgement.Hits);

        Assert.Equal(Alerts(replay, judgement.Hits, judgement.Newest, null), Alerts(replay, hits, judgement.Newest, prospects));
    }

    [Fact]
    public void MayCount_TooFewOfAGroup_LeftOut()
    {
        var hits = Hits(
            Stage.Rules(("few", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 3}")),
            [Stage.Record("a1", 1, "u", ""), Stage.Record("a2", 9, "u", ""), Stage.Record("a3", 15, "u", ""), Stage.Record("a4", 15, "v", "")]
        );

        Assert.Equal([("u", true), ("u", true), ("u", true), ("v", false)], hits);
    }

    [Fact]
    public void MayCount_FarApart_LeftOut()
    {
        var hits = Hits(
            Stage.Rules(("few", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 2}")),
            [Stage.Record("a1", 1, "u", ""), Stage.Record("a2", 31, "u", ""), Stage.Record("a3", 39, "u", "")]
        );

        Assert.Equal([("u", false), ("u", true), ("u", true)], hits);
    }

    [Fact]
    public void MayCount_NothingOfAnotherRule_LeftOut()
    {
        var hits = Hits(
            Stage.Rules(
                ("burst", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 2}"),
                ("then", "type: temporal_ordered, rules: [burst, b], group-by: [user], timespan: 10s")
            ),
            [Stage.Record("a1", 1, "u", ""), Stage.Record("a2", 2, "u", ""), Stage.Record("b1", 3, "u", ""), Stage.Record("b2", 3, "v", "")]
        );

        Assert.Equal([("u", true), ("u", true), ("u", true), ("v", false)], hits);
    }

    [Fact]
    public void MayCount_TooFewDifferentValues_LeftOut()
    {
        var hits = Hits(
            Stage.Rules(("many", "type: value_count, rules: [a], group-by: [user], timespan: 10s, condition: {field: value, gte: 2}")),
            [
                Stage.Record("a1", 1, "u", "x"),
                Stage.Record("a2", 9, "u", "y"),
                Stage.Record("a3", 1, "v", "x"),
                Stage.Record("a4", 2, "v", "x"),
                Stage.Record("a5", 2, "v", ""),
            ]
        );

        Assert.Equal([("u", true), ("u", true), ("v", false), ("v", false), ("v", false)], hits);
    }

    [Fact]
    public void MayCount_WhatItBuildsOnCannotBeMet_LeftOut()
    {
        var hits = Hits(
            Stage.Rules(
                ("burst", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 2}"),
                ("then", "type: temporal_ordered, rules: [burst, b], group-by: [user], timespan: 60s")
            ),
            [Stage.Record("a1", 1, "u", ""), Stage.Record("a2", 31, "u", ""), Stage.Record("b1", 33, "u", "")]
        );

        Assert.Equal([("u", false), ("u", false), ("u", false)], hits);
    }

    [Fact]
    public void MayCount_AlertsByItself_Stays()
    {
        var hits = Hits(
            Stage.Rules(("few", "type: event_count, rules: [a], group-by: [user], timespan: 10s, generate: true, condition: {gte: 2}")),
            [Stage.Record("a1", 1, "u", "")]
        );

        Assert.Equal([("u", true)], hits);
    }

    [Fact]
    public void MayCount_FewerMayDo_AllStay()
    {
        var hits = Hits(
            Stage.Rules(("most", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {lte: 3}")),
            [Stage.Record("a1", 1, "u", "")]
        );

        Assert.Equal([("u", true)], hits);
    }

    private static (string Group, bool MayCount)[] Hits(RuleSet rules, string[] records)
    {
        using var batch = Stage.Batch(records);
        var prospects = new Prospects(rules);
        var hits = prospects.Count(new Replay(rules).Try(batch).Hits);
        var user = new GroupKey(["user"]);
        return [.. hits.Select(hit => (user.Of(hit.Record.Span)!, prospects.MayCount(hit)))];
    }

    private static string[] Alerts(Replay replay, IEnumerable<Hit> hits, DateTimeOffset? newest, Prospects? prospects)
    {
        var alerts = new List<Alert>();
        replay.Conclude(hits.Order(Replay.HitOrder), newest, alerts.Add, prospects: prospects);
        return [.. alerts.Order(Replay.AlertOrder).Select(alert => Encoding.UTF8.GetString(AlertJson.Write(alert)))];
    }
}

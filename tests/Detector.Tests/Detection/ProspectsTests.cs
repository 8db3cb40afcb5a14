using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Rules;
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
        using var batch = Stage.Batch(story.Select((marble, n) => marble.Record(n)));

        Assert.Equal(Alerts(new Replay(rules), batch), Alerts(new Replay(rules, prospects: new Prospects(rules)), batch));
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

    [Theory]
    [InlineData("ASIA1", "", true)]
    [InlineData("ASIA2", "", false)]
    // What two accounts tell is put together later.
    [InlineData("ASIA2", "shared", true)]
    [InlineData("", "shared", true)]
    public void MayCount_SessionThatNobodyAsksFor_LeftOut(string given, string shared, bool stays)
    {
        using var batch = Stage.Batch([Assume(1, "AKIA1", given, shared), Act(2, "ASIA1")]);
        var prospects = new Prospects(Deleting);
        var hits = new Replay(Deleting, prospects: prospects).Try(batch).Hits;

        Assert.Equal([("history/Sessions", stays), ("t", true)], hits.Select(hit => (hit.Rule.Title, prospects.MayCount(hit))));
    }

    [Fact]
    public void Count_NoSessionBegun_NotKept()
    {
        using var batch = Stage.Batch([Assume(1, "AKIA1", "", "").Replace("\"credentials\"", "\"others\"", StringComparison.Ordinal), Act(2, "ASIA1")]);

        Assert.Equal(["t"], new Replay(Deleting, prospects: new Prospects(Deleting)).Try(batch).Hits.Select(hit => hit.Rule.Title));
    }

    [Property(MaxTest = 300)]
    public void Conclude_SessionsWithProspects_AlertsOfAllHits((byte Kind, byte Caller, byte Given, byte Shared)[] story)
    {
        string[] keys = ["", "AKIA1", "ASIA1", "ASIA2", "ASIA3", "ASIA4", "ASIA5", "ASIA6"];
        using var batch = Stage.Batch(
            story.Select(
                (one, n) =>
                    one.Kind % 4 == 0
                        ? Act(n, keys[one.Caller % keys.Length])
                        : Assume(n, keys[one.Caller % keys.Length], keys[one.Given % keys.Length], one.Shared % 4 == 0 ? $"s{one.Given % 2}" : "")
            )
        );

        Assert.Equal(Alerts(new Replay(Deleting), batch), Alerts(new Replay(Deleting, prospects: new Prospects(Deleting)), batch));
    }

    private static RuleSet Deleting { get; } = Matching.Load([("t.yml", Matching.RuleAround("{s: {eventName: DeleteTrail}, condition: s}"))]);

    private static string Act(int second, string key) =>
        $$"""{"eventID":"{{second}}","eventTime":"{{Stage.Start.AddSeconds(second):s}}Z","eventSource":"cloudtrail.amazonaws.com","eventName":"DeleteTrail",{{Caller(key)}} }""";

    private static string Assume(int second, string key, string given, string shared) =>
        Act(second, key)
            .Replace("cloudtrail.amazonaws.com", "sts.amazonaws.com", StringComparison.Ordinal)
            .Replace(
                "\"DeleteTrail\"",
                $$"""
                "AssumeRole","responseElements":{"credentials":{"accessKeyId":"{{given}}"} }{{(shared.Length > 0 ? $",\"sharedEventID\":\"{shared}\"" : "")}}
                """,
                StringComparison.Ordinal
            );

    private static string Caller(string key) =>
        $$"""
            "userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/r/{{key}}","accountId":"111122223333","accessKeyId":"{{key}}"},"recipientAccountId":"111122223333"
            """;

    private static (string Group, bool MayCount)[] Hits(RuleSet rules, string[] records)
    {
        using var batch = Stage.Batch(records);
        var prospects = new Prospects(rules);
        var hits = new Replay(rules, prospects: prospects).Try(batch).Hits;
        var user = new GroupKey(["user"]);
        return [.. hits.Select(hit => (user.Of(hit.Record.Span)!, prospects.MayCount(hit)))];
    }

    private static string[] Alerts(Replay replay, EventBatch batch) =>
        [.. replay.Conclude([replay.Try(batch)]).Alerts.Select(alert => Encoding.UTF8.GetString(AlertJson.Write(alert)))];
}

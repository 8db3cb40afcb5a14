using Detector.Core.Detection;
using Detector.Core.Detection.Correlations;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Tests.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Detection;

/// <summary>When things are told, what is remembered meanwhile, and that it ends.</summary>
public sealed class DetectionPipelineTests
{
    private const string TwoInTen = "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 2}";
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(20);

    [Fact]
    public void Take_PlainRule_IsToldAtOnce()
    {
        using var stage = new Stage(Stage.Rules(), Lateness);

        stage.Send("a1@0");

        Assert.Equal(["a@0 [a1]"], stage.Told);
        Assert.Empty(stage.Waiting);
    }

    [Fact]
    public void Take_Correlation_WaitsForTheWatermark()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)), Lateness);

        stage.Send("a1@0/x a2@5/x");
        stage.Send("d1@25"); // the watermark stands on second 5, not behind it
        var before = stage.Told.Where(told => told[0] == 'c').ToArray();
        stage.Send("d2@26");

        Assert.Empty(before);
        Assert.Contains("c@5 x [a1 a2]", stage.Told);
    }

    [Fact]
    public void Take_Backlog_IsJudgedOnlyWhenTheQueueIsEmpty()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)), Lateness);

        stage.Send("a2@500/x", sentAt: Stage.Start);
        stage.Send("a3@900/x", sentAt: Stage.Start);
        stage.Send("a1@495/x", sentAt: Stage.Start);
        var before = stage.Told.ToArray();
        stage.Idle();

        Assert.Empty(before);
        Assert.Equal(["c@500 x [a1 a2]"], stage.Told);
    }

    [Fact]
    public void Take_LateHit_JudgesItsWindowAgainAndSaysSo()
    {
        using var stage = new Stage(Stage.Rules(("c", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 3}")), Lateness);

        stage.Send("a1@0/x a3@8/x a4@40/x");
        stage.Send("a2@4/x");
        stage.End();

        Assert.Equal(["c@8 x [a1 a2 a3]!"], stage.Told);
    }

    [Fact]
    public void Take_LateHitWithoutCompany_TellsNothingAndIsForgotten()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)), Lateness);

        stage.Send("a9@500/x");
        stage.Send("a1@0/x");
        stage.End();

        Assert.Empty(stage.Told);
        Assert.Empty(stage.Waiting);
    }

    [Fact]
    public void Take_HitWithoutItsGroup_IsForgottenAtOnce()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)), Lateness);

        stage.Send("a1@0 a2@1");

        Assert.Empty(stage.Waiting);
    }

    [Fact]
    public void Take_HitWithoutATime_TakesNoPart()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)));

        stage.Send(Stage.Batch(["""{"eventID":"a1","eventName":"a","user":"x"}""", """{"eventID":"a2","eventName":"a","eventTime":"yesterday","user":"x"}"""]));
        stage.End();

        Assert.Empty(stage.Told);
        Assert.Empty(stage.Waiting);
    }

    [Fact]
    public void Take_RecordAgainAfterItFired_CountsOnce()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)));

        stage.Send("a1@0/x a2@1/x d1@5");
        stage.Send("a1@0/x a2@1/x d2@6");
        stage.End();

        Assert.Equal(["c@1 x [a1 a2]"], stage.Told.Where(told => told[0] == 'c'));
    }

    [Fact]
    public void Take_Fired_ForgetsTheHitsOfTheWindow()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)));

        stage.Send("a1@0/x a2@1/x a3@2/x d1@5");

        Assert.Equal(["a3"], stage.Waiting);
    }

    [Fact]
    public void Take_TwiceTheTimespanOn_ForgetsWhatNoWindowReaches()
    {
        using var stage = new Stage(Stage.Rules(("c", "type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 3}")));

        stage.Send("a1@0/x a2@15/x");
        stage.Send("a3@20/x d1@21");
        var kept = stage.Waiting.ToArray();
        stage.Send("a4@30/x d2@36");

        Assert.Equal(["a1", "a2", "a3"], kept);
        Assert.DoesNotContain("a1", stage.Waiting);
    }

    [Theory]
    [InlineData("d1@20", true)]
    [InlineData("d1@21", false)]
    public void Take_QuietGroup_EndsJustBehindTwiceTheTimespan(string marble, bool kept)
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)));

        stage.Send("a1@0/x");
        stage.Send(marble);

        Assert.Equal(kept, stage.Waiting.Any());
    }

    [Theory]
    [InlineData("event_count", "condition: {gte: 99}")]
    [InlineData("value_count", "condition: {field: value, gte: 99}")]
    [InlineData("temporal", "aliases: {}")]
    [InlineData("temporal_ordered", "aliases: {}")]
    [InlineData("value_sum", "condition: {field: value, gte: 9999}")]
    [InlineData("value_avg", "condition: {field: value, gte: 9999}")]
    [InlineData("value_percentile", "condition: {field: value, gte: 9999}")]
    public void Idle_AfterLongQuiet_KeepsNothing(string type, string rest)
    {
        using var stage = new Stage(Stage.Rules(("c", $"type: {type}, rules: [a, b, d], group-by: [user], timespan: 10s, {rest}")));

        foreach (var group in Enumerable.Range(0, 50))
        {
            stage.Send($"a{group}@{group}/u{group % 7}:1 b{group}@{group + 30}/u{group % 5}:2 a0{group}@{group}:3");
        }
        stage.End();

        Assert.Empty(stage.Told);
        Assert.Empty(stage.Waiting);
    }

    [Fact]
    public void Chain_InnerFires_IsAHitForTheOuter()
    {
        using var stage = new Stage(Stage.Rules(("inner", TwoInTen), ("outer", "type: temporal_ordered, rules: [inner, b], group-by: [user], timespan: 1m")));

        stage.Send("a1@0/x a2@1/x b1@2/y b2@30/x");
        stage.End();

        Assert.Equal(["outer@30 x [a2 b2]"], stage.Told);
        Assert.Empty(stage.Waiting);
    }

    [Fact]
    public void Chain_InnerGenerates_IsToldToo()
    {
        using var stage = new Stage(
            Stage.Rules(("inner", TwoInTen), ("outer", "type: event_count, rules: [inner], timespan: 1m, generate: true, condition: {gte: 2}"))
        );

        stage.Send("a1@0/x a2@1/x a3@2/y a4@3/y");
        stage.End();

        Assert.Equal(["inner@1 x [a1 a2]", "inner@3 y [a3 a4]", "outer@3 [a2 a4]"], stage.Told);
    }

    [Fact]
    public void Chain_AliasOfTheInner_IsAFieldForTheOuter()
    {
        using var stage = new Stage(
            Stage.Rules(
                ("inner", "type: temporal, rules: [a, b], group-by: [who], aliases: {who: {a: user, b: value}}, timespan: 10s"),
                ("outer", "type: event_count, rules: [inner], group-by: [who], timespan: 1m, condition: {gte: 2}")
            )
        );

        stage.Send("a1@0/x b1@1/y:x b2@20/y:x a2@21/x a3@22/z");
        stage.End();

        Assert.Equal(["outer@21 x [b1 a2]"], stage.Told);
    }

    [Fact]
    public void Chain_AliasNamedLikeAFieldOfTheRecord_MakesOneGroup()
    {
        using var stage = new Stage(
            Stage.Rules(
                ("inner", "type: temporal, rules: [a, b], group-by: [user], aliases: {user: {a: user, b: user}}, timespan: 10s"),
                ("outer", "type: temporal, rules: [inner, d], group-by: [user], timespan: 1m")
            )
        );

        stage.Send("a1@0/x b1@1/x d1@5/x");
        stage.End();

        Assert.Equal(["outer@5 x [b1 d1]"], stage.Told);
    }

    [Fact]
    public void Take_Flood_KeepsTheNewestOfTheGroupAndSaysSoOnce()
    {
        var notices = new NoticeList();
        var rules = Stage.Rules(("c", "type: value_count, rules: [a], timespan: 1d, condition: {field: user, gte: 2}"));
        using var pipeline = new DetectionPipeline(rules, TimeSpan.Zero, new FakeTimeProvider(Stage.Start.AddDays(1)), notices);
        var judge = new Judge(rules);
        using var batch = Stage.Batch(Enumerable.Range(0, SlidingWindow.MaxHits + 2).Select(n => Stage.Record($"a{n}", n, "x", "")));
        var judgement = judge.Try(batch);

        var outcome = pipeline.Take(judgement, pipeline.ForJournal(judgement), null);
        var rest = pipeline.Idle();

        Assert.Empty(outcome.Findings);
        Assert.Equal(judgement.Hits.Take(2).Select(hit => hit.Event), outcome.Forgotten.Concat(rest.Forgotten).Select(hit => hit.Event));
        Assert.Single(notices.All);
    }

    [Fact]
    public void Take_FloodOfGroups_EndsThoseThatWereQuietLongestAndSaysSoOnce()
    {
        var notices = new NoticeList();
        var rules = Stage.Rules(("c", "type: event_count, rules: [a], group-by: [user], timespan: 7d, condition: {gte: 3}"));
        using var pipeline = new DetectionPipeline(rules, TimeSpan.Zero, new FakeTimeProvider(Stage.Start.AddDays(1)), notices);
        var judge = new Judge(rules);
        // Of the first two groups, the second is heard of again before the flood is over.
        using var batch = Stage.Batch([
            Stage.Record("a0", 0, "early", ""),
            Stage.Record("a1", 1, "again", ""),
            .. Enumerable.Range(2, WindowGroups.MaxHits).Select(n => Stage.Record($"a{n}", n, n == 9_999 ? "again" : $"u{n}", "")),
            Stage.Record("a60000", 60_000, "early", ""),
            Stage.Record("a60001", 60_001, "early", ""),
            Stage.Record("a60002", 60_002, "again", ""),
        ]);
        var judgement = judge.Try(batch);

        var outcome = pipeline.Take(judgement, pipeline.ForJournal(judgement), null);
        var rest = pipeline.Idle();

        var finding = Assert.Single(outcome.Findings.Concat(rest.Findings));
        Assert.Equal(["a1", "a9999", "a60002"], finding.Hits.Select(hit => Stage.Name(hit.Record.Span)));
        Assert.Equal(
            ["a0", "a2", "a3", "a4", "a1", "a9999", "a60002"],
            outcome.Forgotten.Concat(rest.Forgotten).Select(hit => Stage.Name(judgement.Hits.First(one => one.Event == hit.Event).Record.Span))
        );
        Assert.Contains("50000 events of all groups", Assert.Single(notices.All).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GiveBack_OfChangesBeforeOthers_LeavesTheLaterOnes()
    {
        using var pipeline = new DetectionPipeline(Stage.Rules(), TimeSpan.Zero, new FakeTimeProvider(Stage.Start));
        LearnedFact was = new("user 1 a", "password", "", Stage.Start),
            isGone = new("user 1 a", "password", null, Stage.Start + LearnedFact.Kept);
        pipeline.Restore(was);
        pipeline.Restore(isGone);
        pipeline.Restore(new LearnedFact("user 1 a", "password", "", isGone.Time + LearnedFact.Kept));
        var first = pipeline.TakeHistory();
        Assert.Equal([was.Key], first.Forgotten);
        pipeline.Restore(new LearnedFact("user 1 a", "password", "", isGone.Time + LearnedFact.Kept * 2));

        pipeline.GiveBack(first);

        Assert.Equal([isGone.Key, was.Key], pipeline.TakeHistory().Forgotten);
        Assert.Empty(pipeline.TakeHistory().Forgotten);
    }

    [Fact]
    public void Restore_MoreOfHistoryThanIsKept_IsToldOnce()
    {
        var notices = new NoticeList();
        using var pipeline = new DetectionPipeline(Stage.Rules(), TimeSpan.Zero, new FakeTimeProvider(Stage.Start), notices);

        for (var fact = 0; fact <= Memory.DefaultMost; fact++)
        {
            pipeline.Restore(new LearnedFact($"role 1 {fact}", "created", "", Stage.Start.AddTicks(fact)));
        }
        Assert.True(pipeline.Idle().ChangedHistory);
        Assert.False(pipeline.Idle().ChangedHistory);

        Assert.Equal("role 1 0", pipeline.TakeHistory().Forgotten.MinBy(fact => fact.Time).Entity);
        Assert.Contains("300,000 facts", Assert.Single(notices.All).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Step.Journaled)]
    [InlineData(Step.Taken)]
    [InlineData(Step.Accepted)]
    [InlineData(Step.Chained)]
    [InlineData(Step.Done)]
    public void Restore_Chain_CountsTheInnerOnce(Step died)
    {
        using var stage = new Stage(
            Stage.Rules(("inner", TwoInTen), ("outer", "type: event_count, rules: [inner], group-by: [user], timespan: 1h, condition: {gte: 2}"))
        );

        using var batch = Stage.Batch([Stage.Record("a1", 0, "x", ""), Stage.Record("a2", 1, "x", ""), Stage.Record("d1", 3, "", "")]);
        stage.Send(batch, died);
        stage.Restart();
        stage.Send(batch);
        var before = stage.Told.Where(told => told[0] == 'o').ToArray();
        stage.Send("a3@20/x a4@21/x");
        stage.End();

        Assert.Empty(before);
        Assert.Equal(["outer@21 x [a2 a4]"], stage.Told.Where(told => told[0] == 'o'));
        Assert.Empty(stage.Waiting);
    }

    [Fact]
    public void Restore_ChainThatFiredBeforeItWasForgotten_StartsNoNewWindow()
    {
        using var stage = new Stage(
            Stage.Rules(("inner", TwoInTen), ("outer", "type: event_count, rules: [inner], group-by: [user], timespan: 1h, condition: {gte: 2}"))
        );

        using var batch = Stage.Batch([.. Enumerable.Range(1, 4).Select(n => Stage.Record($"a{n}", n, "x", "")), Stage.Record("d1", 9, "", "")]);
        stage.Send(batch, Step.Chained);
        stage.Restart();
        stage.Send("a5@20/x a6@21/x");
        stage.End();

        Assert.Equal("outer@4 x [a2 a4]", Assert.Single(stage.Told.Where(told => told[0] == 'o').Distinct()));
    }

    [Fact]
    public void Restore_HitOfARuleThatIsGone_IsForgotten()
    {
        using var stage = new Stage(Stage.Rules(("c", TwoInTen)));
        using var pipeline = new DetectionPipeline(Stage.Rules(), TimeSpan.Zero, stage.Clock);

        var hit = new JournaledHit(new HitKey("c", "rule a", new EventIdentity("1")), Stage.Start, "{}"u8.ToArray(), "test", 0);
        pipeline.Restore(hit);

        Assert.Equal([hit.Key], pipeline.Idle().Forgotten);
    }

    [Fact]
    public void GiveBack_Outcome_IsPartOfTheNext()
    {
        using var pipeline = new DetectionPipeline(Stage.Rules(), TimeSpan.Zero, TimeProvider.System);
        using var batch = Stage.Batch([Stage.Record("a1", 0, "", "")]);
        var outcome = pipeline.Take(new Judge(Stage.Rules()).Try(batch), [], null);

        pipeline.GiveBack(outcome);
        var next = pipeline.Idle();
        var after = pipeline.Idle();

        Assert.Equal(outcome.Findings, next.Findings);
        Assert.Empty(after.Findings);
    }
}

using System.Text;
using Detector.App.Status;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Status;

public sealed class LiveStatusTests
{
    private readonly FakeTimeProvider _clock = new(Offers.Noon);

    [Fact]
    public void Now_RatesOverAnHour_CountTheMinutesTheySpeakOf()
    {
        var live = new LiveStatus(_clock);
        Judged(live, 3);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Judged(live, 4);
        _clock.Advance(TimeSpan.FromMinutes(56));
        Judged(live, 5);

        var now = live.Now();

        Assert.Equal([5, 5, 9], now.Rates.Select(rate => rate.Events));
        Assert.Equal(12, now.Events);
    }

    [Fact]
    public void Accepted_AlertKnownAlready_CountsOnce()
    {
        var live = new LiveStatus(_clock);

        live.Accepted(Offers.Offer("a").Alert);
        live.Accepted(Offers.Offer("a").Alert);

        Assert.Single(live.Now().Newest);
        Assert.Equal(1, Assert.Single(live.Now().Rules).Alerts);
    }

    [Fact]
    public void Accepted_HiddenAlerts_AreCountedByTheirSuppressionAlone()
    {
        var live = new LiveStatus(_clock);

        foreach (var name in (string[])["a", "b", "b"])
            live.Accepted(Offers.Offer(name).Alert with { HiddenBy = "maintenance" });

        var now = live.Now();
        Assert.Equal(("maintenance", 2), (Assert.Single(now.Hidden).Suppression, now.Hidden[0].Alerts));
        Assert.Empty(now.Newest);
        Assert.Empty(now.Rules);
        Assert.Equal(0, now.Rates[^1].Alerts);
    }

    [Fact]
    public void Accepted_ManyAlerts_TheNewestAreKeptTheLastFirst()
    {
        var live = new LiveStatus(_clock);

        foreach (var number in Enumerable.Range(0, LiveStatus.Newest + 7))
            live.Accepted(Offers.Offer($"{number}").Alert);

        var now = live.Now();
        Assert.Equal(LiveStatus.Newest, now.Newest.Count);
        Assert.Equal(Offers.IdOf($"{LiveStatus.Newest + 6}"), now.Newest[0].Alert.Id);
        Assert.Equal(LiveStatus.Newest + 7, Assert.Single(now.Rules).Alerts);
    }

    [Fact]
    public void Answered_EachOutcome_IsCountedWithTheLastReason()
    {
        var live = new LiveStatus(_clock);
        var dispatch = new Dispatch(Offers.Offer("a").Alert, "slack", 1);

        live.Answered(dispatch, SinkAnswer.Retry("HTTP 503"));
        live.Answered(dispatch, SinkAnswer.Delivered);
        live.Answered(dispatch, SinkAnswer.Refused("no such channel"));

        var sink = live.Now().Sinks["slack"];
        Assert.Equal((1, 1, 1, "no such channel"), (sink.Delivered, sink.Retries, sink.Refused, sink.Reason));
    }

    [Fact]
    public void Received_OnlyIdle_SaysThatTheSourceAnsweredAndGaveNothing()
    {
        var live = new LiveStatus(_clock);

        live.Received(EventBatch.Idle);

        Assert.Equal(Offers.Noon, live.Now().Answered);
        Assert.Null(live.Now().Received);
    }

    private static void Judged(LiveStatus live, int records)
    {
        var batch = new EventBatch("test", Encoding.UTF8.GetBytes("{}"), Receipt.None);
        live.Judged(batch, new Judgement(RuleSet.Empty, records, null, [], []));
    }
}

using Detector.App.Vigil;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Tests.Delivery;

namespace Detector.Tests.App.Vigil;

public sealed class DeliveryWatchTests
{
    private readonly WallClock _clock = new(Offers.Noon);
    private readonly NoticeList _notices = new();
    private readonly Told _told = new();
    private readonly Dispatcher _dispatcher;
    private readonly DeliveryWatch _watch;

    public DeliveryWatchTests()
    {
        var sink = new SinkRoute(ScriptedSink.Answers("sns"), Level.Informational);
        _dispatcher = new Dispatcher(new TestLedger(_clock), [sink], new DispatcherOptions(), _clock, new Random(1), _notices, _told);
        _watch = new DeliveryWatch(_clock, _notices);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_RefusedForGood_AlertsAtOnceWithTheReason()
    {
        Answer(SinkAnswer.Refused("Slack answered 400 invalid_blocks"));
        await LookAsync();
        Answer(SinkAnswer.Refused("Slack answered 400 invalid_blocks"));
        await LookAsync();

        var alert = Assert.Single(_told.Alerts);
        Assert.Equal("detector-undeliverable", alert.Rule.Name);
        Assert.Contains("slack", alert.Rule.Title, StringComparison.Ordinal);
        Assert.Contains("invalid_blocks", alert.Rule.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_WaitsForAnOperator_AlertsAtOnce()
    {
        Answer(SinkAnswer.Retry("channel_not_found", TimeSpan.FromMinutes(10)));
        await LookAsync();

        Assert.Single(_told.Alerts);
    }

    [Fact]
    public async Task Look_FailsForAWhile_AlertsOnlyWhenItLasts()
    {
        Answer(SinkAnswer.Retry("503"));
        _clock.Advance(TimeSpan.FromMinutes(9));
        Answer(SinkAnswer.Retry("503", TimeSpan.FromSeconds(30)));
        await LookAsync();
        var early = _told.Alerts.Count;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await LookAsync();

        Assert.Equal((0, 1), (early, _told.Alerts.Count));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public async Task Look_WallClockIsSet_AlertsOnlyWhenItLasts(int hours)
    {
        Answer(SinkAnswer.Retry("503"));
        _clock.Off = TimeSpan.FromHours(hours);
        await LookAsync();
        var early = _told.Alerts.Count;
        _clock.Advance(TimeSpan.FromMinutes(10));
        await LookAsync();

        Assert.Equal((0, 1), (early, _told.Alerts.Count));
    }

    [Fact]
    public async Task Look_DeliveredInBetween_IsContentAndTellsTheNextTroubleAnew()
    {
        Answer(SinkAnswer.Refused("one"));
        await LookAsync();
        Answer(SinkAnswer.Delivered);
        _clock.Advance(TimeSpan.FromHours(1));
        await LookAsync();
        var between = _told.Alerts.Count;
        Answer(SinkAnswer.Refused("two"));
        await LookAsync();

        Assert.Equal((1, 2), (between, _told.Alerts.DistinctBy(alert => alert.Id).Count()));
    }

    [Fact]
    public async Task Look_OnlyTheAlertOfATroubleIsRefused_IsNoNews()
    {
        _watch.Answered(new Dispatch(SelfAlert.Undeliverable("slack", Offers.Noon, "gone", forGood: false), "sns", 1), SinkAnswer.Refused("too long"));
        await LookAsync();

        Assert.Empty(_told.Alerts);
    }

    private void Answer(SinkAnswer answer) => _watch.Answered(new Dispatch(Offers.Offer("a").Alert, "slack", 1), answer);

    private Task LookAsync() => _watch.LookAsync(_dispatcher, Cancel);

    private sealed class Told : Core.PipelineWatch
    {
        public List<Alert> Alerts { get; } = [];

        public override void Accepted(Alert alert) => Alerts.Add(alert);
    }
}

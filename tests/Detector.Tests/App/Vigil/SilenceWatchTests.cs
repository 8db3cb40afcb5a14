using System.Text;
using Detector.App.Vigil;
using Detector.Core.Delivery;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Delivery;

namespace Detector.Tests.App.Vigil;

public sealed class SilenceWatchTests : IAsyncDisposable
{
    private static readonly EventBatch Something = new("test", Encoding.UTF8.GetBytes("{}"), Receipt.None);

    private readonly WallClock _clock = new(Offers.Noon);
    private readonly NoticeList _notices = new();
    private readonly Told _told = new();
    private readonly InMemoryLedger _ledger;
    private readonly Dispatcher _dispatcher;

    public SilenceWatchTests()
    {
        _ledger = new InMemoryLedger(_clock);
        var sink = new SinkRoute(ScriptedSink.Answers("sink"), Level.Informational);
        _dispatcher = new Dispatcher(new TestLedger(_clock), [sink], new DispatcherOptions(), _clock, new Random(1), _notices, _told);
    }

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_QuieterThanAllowed_AlertsOnceForOneSilence()
    {
        var watch = Watch(TimeSpan.FromMinutes(10));
        watch.Received(Something);

        _clock.Advance(TimeSpan.FromMinutes(10));
        await LookAsync(watch);
        var before = _told.Alerts.Count;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await LookAsync(watch);
        _clock.Advance(TimeSpan.FromHours(5));
        await LookAsync(watch);

        Assert.Equal(0, before);
        Assert.Equal("detector-silence", Assert.Single(_told.Alerts).Rule.Name);
        Assert.NotNull(watch.Complaint);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public async Task Look_WallClockIsSet_AlertsOnlyWhenItIsQuiet(int hours)
    {
        var watch = Watch(TimeSpan.FromMinutes(10));
        watch.Received(Something);

        _clock.Off = TimeSpan.FromHours(hours);
        await LookAsync(watch);
        var before = _told.Alerts.Count;
        _clock.Advance(TimeSpan.FromMinutes(11));
        await LookAsync(watch);

        Assert.Equal((0, 1), (before, _told.Alerts.Count));
    }

    [Fact]
    public async Task Look_EventsComeAgain_IsContentAndTellsTheNextSilenceAnew()
    {
        var watch = Watch(TimeSpan.FromMinutes(10));
        watch.Received(Something);
        _clock.Advance(TimeSpan.FromMinutes(11));
        await LookAsync(watch);

        watch.Received(Something);
        await LookAsync(watch);
        var complaint = watch.Complaint;
        _clock.Advance(TimeSpan.FromMinutes(11));
        await LookAsync(watch);

        Assert.Null(complaint);
        Assert.Equal(2, _told.Alerts.DistinctBy(alert => alert.Id).Count());
    }

    [Fact]
    public async Task Look_OnlyIdle_IsSilence()
    {
        var watch = Watch(TimeSpan.FromMinutes(10));
        _clock.Advance(TimeSpan.FromMinutes(11));

        watch.Received(EventBatch.Idle);
        await LookAsync(watch);

        Assert.Single(_told.Alerts);
    }

    [Fact]
    public async Task Look_NothingUsualYet_StaysQuiet()
    {
        var watch = Watch(null);
        watch.Received(Something);
        _clock.Advance(TimeSpan.FromHours(2));
        watch.Received(Something);

        _clock.Advance(TimeSpan.FromHours(20));
        await LookAsync(watch);

        Assert.Empty(_told.Alerts);
    }

    [Theory]
    [InlineData(59, 0)]
    [InlineData(61, 1)]
    public async Task Look_ADaySeen_AlertsBeyondTwiceTheLongestPause(int minutes, int alerts)
    {
        var watch = Watch(null);
        await DayAsync(watch, TimeSpan.FromMinutes(30));

        _clock.Advance(TimeSpan.FromMinutes(minutes));
        await LookAsync(watch);

        Assert.Equal(alerts, _told.Alerts.Count);
    }

    [Fact]
    public async Task Look_PausesOfSeconds_AllowsAQuarterOfAnHour()
    {
        var watch = Watch(null);
        await DayAsync(watch, TimeSpan.FromMinutes(1));

        _clock.Advance(TimeSpan.FromMinutes(15));
        await LookAsync(watch);
        var early = _told.Alerts.Count;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await LookAsync(watch);

        Assert.Equal((0, 1), (early, _told.Alerts.Count));
    }

    [Fact]
    public async Task Restart_WhatWasUsual_IsKnownFromTheLedger()
    {
        var first = Watch(null);
        await DayAsync(first, TimeSpan.FromMinutes(30));
        await DayAsync(first, TimeSpan.FromMinutes(30));
        await LookAsync(first);

        var second = Watch(null);
        await foreach (var fact in _ledger.ReadHistoryAsync(Cancel))
            second.Restored(fact);
        _clock.Advance(TimeSpan.FromMinutes(61));
        await LookAsync(second);

        Assert.Single(_told.Alerts);
    }

    [Theory]
    [InlineData("detector arrivals", "longest pause:yesterday", "60")]
    [InlineData("detector arrivals", "longest pause:2025-03-01", "many")]
    [InlineData("detector arrivals", "longest pause:2025-03-01", "99999999999999999")]
    [InlineData("user 111122223333 ann", "group:admins", "yes")]
    public void Restore_OtherFacts_AreNotItsBusiness(string entity, string name, string value)
    {
        var usual = new UsualQuiet();

        usual.Restore(new LearnedFact(entity, name, value, Offers.Noon));

        Assert.Null(usual.Limit(Offers.Noon));
    }

    [Fact]
    public void Limit_LongPauseOfLongAgo_IsForgottenAfterTwoWeeks()
    {
        var usual = new UsualQuiet();
        usual.Learn(TimeSpan.FromHours(9), Offers.Noon);

        usual.Learn(TimeSpan.FromHours(1), Offers.Noon.AddDays(13));
        var within = usual.Limit(Offers.Noon.AddDays(13));
        usual.Learn(TimeSpan.FromHours(1), Offers.Noon.AddDays(14));

        Assert.Equal(TimeSpan.FromHours(18), within);
        Assert.Equal(TimeSpan.FromHours(2), usual.Limit(Offers.Noon.AddDays(14)));
    }

    private SilenceWatch Watch(TimeSpan? after) => new(after, "sqs", _clock, _notices);

    private Task LookAsync(SilenceWatch watch) => watch.LookAsync(_dispatcher, _ledger, Cancel);

    /// <summary>Lets something come at every pause for a little over a day.</summary>
    private async Task DayAsync(SilenceWatch watch, TimeSpan pause)
    {
        for (var gone = TimeSpan.Zero; gone <= TimeSpan.FromDays(1); gone += pause)
        {
            watch.Received(Something);
            await LookAsync(watch);
            _clock.Advance(pause);
        }
        watch.Received(Something);
        await LookAsync(watch);
    }

    private sealed class Told : Core.PipelineWatch
    {
        public List<Alert> Alerts { get; } = [];

        public override void Accepted(Alert alert) => Alerts.Add(alert);
    }
}

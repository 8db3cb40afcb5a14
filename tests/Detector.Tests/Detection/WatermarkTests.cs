using Detector.Core.Detection;

namespace Detector.Tests.Detection;

public sealed class WatermarkTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(2);

    private readonly WallClock _clock = new(Now);
    private readonly Watermark _watermark;

    public WatermarkTests() => _watermark = new Watermark(Lateness, _clock);

    [Fact]
    public void Current_AtFirst_IsBeforeEverything() => Assert.Equal(DateTimeOffset.MinValue, _watermark.Current);

    [Fact]
    public void Observe_NewestEvent_StaysBehindItByTheLateness()
    {
        _watermark.Observe(Now.AddMinutes(-10), null);

        Assert.Equal(Now.AddMinutes(-12), _watermark.Current);
    }

    [Fact]
    public void Observe_OlderOrNoEvent_NeverMovesBack()
    {
        _watermark.Observe(Now.AddMinutes(-10), Now);
        _watermark.Observe(Now.AddMinutes(-30), Now);
        _watermark.Observe(null, Now);

        Assert.Equal(Now.AddMinutes(-12), _watermark.Current);
    }

    [Fact]
    public void Observe_NothingLaggedForTheLateness_EndsTheBacklog()
    {
        _watermark.Observe(Now.AddHours(-1), Now.AddHours(-1));
        _clock.Advance(Lateness);
        _watermark.Observe(_clock.GetUtcNow(), _clock.GetUtcNow());
        var held = _watermark.Current;
        _clock.Advance(TimeSpan.FromSeconds(1));

        _watermark.Observe(_clock.GetUtcNow(), _clock.GetUtcNow());

        Assert.Equal(DateTimeOffset.MinValue, held);
        Assert.Equal(_clock.GetUtcNow() - Lateness, _watermark.Current);
    }

    [Fact]
    public void Observe_EventOfTheFuture_StopsAtTheWallClock()
    {
        _watermark.Observe(DateTimeOffset.MaxValue, Now);

        Assert.Equal(Now - Lateness, _watermark.Current);
    }

    [Fact]
    public void Observe_EventOfTheFuture_DoesNotRunAheadAsTimePasses()
    {
        _watermark.Observe(DateTimeOffset.MaxValue, Now);
        _clock.Advance(TimeSpan.FromMinutes(5));
        _watermark.Observe(Now.AddMinutes(1), null);

        Assert.Equal(Now.AddMinutes(1) - Lateness, _watermark.Current);
    }

    [Fact]
    public void Observe_TimesAtTheEndsOfTheCalendar_AreTaken()
    {
        _watermark.Observe(DateTimeOffset.MinValue, DateTimeOffset.MinValue);
        _watermark.Observe(DateTimeOffset.MinValue.AddSeconds(1), DateTimeOffset.MaxValue);
        _watermark.Idle();

        Assert.Equal(Now - Lateness, _watermark.Current);
    }

    [Fact]
    public void Observe_Backlog_HoldsUntilIdle()
    {
        _watermark.Observe(Now.AddHours(-5), Now.AddHours(-5));
        _watermark.Observe(Now.AddMinutes(-1), Now.AddMinutes(-1));
        var held = _watermark.Current;
        _watermark.Idle();

        Assert.Equal(DateTimeOffset.MinValue, held);
        Assert.Equal(Now - Lateness, _watermark.Current);
    }

    [Fact]
    public void Observe_SentExactlyTheLatenessAgo_IsNoBacklog()
    {
        _watermark.Observe(Now.AddMinutes(-10), Now - Lateness);

        Assert.Equal(Now.AddMinutes(-12), _watermark.Current);
    }

    [Fact]
    public void Observe_AfterABacklogEnded_MovesAgain()
    {
        _watermark.Observe(Now.AddHours(-5), Now.AddHours(-5));
        _watermark.Idle();
        _clock.Advance(TimeSpan.FromMinutes(10));
        _watermark.Observe(Now.AddMinutes(9), Now.AddMinutes(9));

        Assert.Equal(Now.AddMinutes(7), _watermark.Current);
    }

    [Fact]
    public void Idle_WallClockJumpsAheadAndBack_PassesOnlyWhatHasPassed()
    {
        _watermark.Idle();
        _clock.Off = TimeSpan.FromHours(2);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _watermark.Idle();
        var ahead = _watermark.Current;
        _clock.Off = TimeSpan.Zero;
        _clock.Advance(TimeSpan.FromSeconds(3));
        _watermark.Idle();

        Assert.Equal(Now.AddSeconds(1) - Lateness, ahead);
        Assert.Equal(Now.AddSeconds(4) - Lateness, _watermark.Current);
    }

    [Fact]
    public void Idle_WallClockAheadAtTheStartIsSetRight_FollowsIt()
    {
        _clock.Off = TimeSpan.FromHours(2);
        var watermark = new Watermark(Lateness, _clock);
        _clock.Off = TimeSpan.Zero;

        watermark.Idle();

        Assert.Equal(Now - Lateness, watermark.Current);
    }

    [Fact]
    public void Idle_WallClockBehind_FollowsTheQueues()
    {
        _watermark.Observe(Now.AddHours(2), Now.AddHours(2));
        var observed = _watermark.Current;
        _clock.Advance(TimeSpan.FromMinutes(1));

        _watermark.Idle();

        Assert.Equal(Now.AddHours(2) - Lateness, observed);
        Assert.Equal(Now.AddHours(2).AddMinutes(1) - Lateness, _watermark.Current);
    }

    [Fact]
    public void Idle_WallClockBehindAtTheStartIsSetRightWithoutAQueue_FollowsTheNextEvent()
    {
        _clock.Off = TimeSpan.FromHours(2);
        _watermark.Observe(Now.AddHours(2).AddSeconds(-1), null);
        _clock.Advance(TimeSpan.FromMinutes(1));

        _watermark.Idle();

        Assert.Equal(Now.AddHours(2).AddSeconds(59) - Lateness, _watermark.Current);
    }

    [Fact]
    public void Observe_WallClockAhead_TakesNothingForABacklog()
    {
        _clock.Off = TimeSpan.FromHours(2);

        _watermark.Observe(Now, Now);

        Assert.Equal(Now - Lateness, _watermark.Current);
    }

    [Fact]
    public void Observe_QueueDaysAhead_IsNotBelieved()
    {
        _watermark.Observe(Now.AddDays(2), Now.AddDays(2));

        Assert.Equal(Now - Lateness, _watermark.Current);
    }

    [Fact]
    public void Idle_WallClockStepsBack_NeverMovesBack()
    {
        _watermark.Idle();
        _clock.Off = TimeSpan.FromHours(-1);
        _watermark.Idle();
        _watermark.Observe(Now, Now);

        Assert.Equal(Now - Lateness, _watermark.Current);
    }
}

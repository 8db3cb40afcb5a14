using Detector.Core;
using Detector.Core.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests;

public class LiveInstancesTests
{
    private static readonly DateTimeOffset Noon = new(2025, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Noon);
    private readonly LiveInstances _live;

    public LiveInstancesTests() => _live = new LiveInstances(TimeSpan.FromSeconds(30), _time);

    [Fact]
    public void Take_Nobody_LetsNoTimePass() => Assert.Equal(DateTimeOffset.MinValue, _live.Take([]).Watermark);

    [Fact]
    public void Take_Several_TimeIsThatOfTheOneFurthestBehind()
    {
        var (watermark, dead) = _live.Take([new Beat("a", 7, Noon), new Beat("b", 1, Noon.AddSeconds(-5)), new Beat("c", 3, Noon.AddSeconds(9))]);

        Assert.Equal(Noon.AddSeconds(-5), watermark);
        Assert.Empty(dead);
    }

    [Fact]
    public void Take_OneThatBeatsNoMore_HoldsTimeUntilItIsDead()
    {
        Assert.Equal(Noon, _live.Take([new Beat("a", 1, Noon.AddMinutes(1)), new Beat("b", 1, Noon)]).Watermark);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(Noon, _live.Take([new Beat("a", 2, Noon.AddMinutes(1)), new Beat("b", 1, Noon)]).Watermark);
        _time.Advance(TimeSpan.FromSeconds(1));

        var (watermark, dead) = _live.Take([new Beat("a", 3, Noon.AddMinutes(1)), new Beat("b", 1, Noon)]);

        Assert.Equal(Noon.AddMinutes(1), watermark);
        Assert.Equal(["b"], dead);
    }

    [Fact]
    public void Take_OneThatBeatsAgainInTime_Lives()
    {
        _live.Take([new Beat("a", 1, Noon)]);
        _time.Advance(TimeSpan.FromSeconds(29));
        _live.Take([new Beat("a", 2, Noon)]);
        _time.Advance(TimeSpan.FromSeconds(29));

        Assert.Empty(_live.Take([new Beat("a", 2, Noon)]).Dead);
    }
}

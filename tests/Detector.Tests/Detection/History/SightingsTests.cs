using Detector.Core.Detection;
using Detector.Core.Detection.History;

namespace Detector.Tests.Detection.History;

/// <summary>What is counted once in a period is known for as long as another of it may come, and no longer than there is room.</summary>
public sealed class SightingsTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void IsFirst_OfAGroupInAPeriod_IsSaidOnce()
    {
        var sightings = new Sightings();

        Assert.True(sightings.IsFirst("r", At("a", 0), Hour));
        Assert.False(sightings.IsFirst("r", At("a", 59), Hour));
        Assert.True(sightings.IsFirst("r", At("b", 59), Hour));
        Assert.True(sightings.IsFirst("other", At("a", 59), Hour));
        Assert.True(sightings.IsFirst("r", At("a", 60), Hour));
    }

    [Fact]
    public void Expire_AfterThePeriodAndAnother_GivesTheMarks()
    {
        var sightings = new Sightings();
        sightings.IsFirst("r", At("a", 0), Hour);
        sightings.IsFirst("r", At("b", 61), Hour);

        Assert.Empty(sightings.Expire(Stage.Start.AddMinutes(120)));
        Assert.Equal([Sightings.Mark(At("a", 0).Key)], sightings.Expire(Stage.Start.AddMinutes(121)));
    }

    [Fact]
    public void Expire_OfTooMany_GivesThoseWhosePeriodEndsFirst()
    {
        var sightings = new Sightings(most: 100);
        sightings.IsFirst("daily", At("a", 0), TimeSpan.FromDays(1));
        sightings.IsFirst("r", At("early", 0), Hour);
        for (var group = 0; group < 1_000; group++)
        {
            Assert.True(sightings.IsFirst("r", At($"g{group}", 60), Hour));
        }

        var forgotten = sightings.Expire(Stage.Start.AddMinutes(60)).ToList();

        Assert.Equal(902, forgotten.Distinct().Count());
        Assert.Contains(Sightings.Mark(At("early", 0).Key), forgotten);
        Assert.True(sightings.IsFirst("r", At("early", 0), Hour));
        Assert.False(sightings.IsFirst("daily", At("a", 60), TimeSpan.FromDays(1)));
    }

    private static WaitingHit At(string group, int minute)
    {
        var rules = Stage.Rules();
        using var batch = Stage.Batch([Stage.Record($"a{minute}{group}", minute * 60, group, "")]);
        var hit = Assert.Single(new Judge(rules).Try(batch).Hits);
        return new WaitingHit(hit.Rule, hit, group, null, hit.Time!.Value);
    }
}

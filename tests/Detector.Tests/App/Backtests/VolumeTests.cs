using Detector.App.Backtests;

namespace Detector.Tests.App.Backtests;

public sealed class VolumeTests
{
    private static readonly DateOnly First = new(2026, 11, 1);

    [Theory]
    [InlineData("0 0 0")]
    [InlineData("5")]
    [InlineData("1 0")]
    [InlineData("0 3 3 1")]
    [InlineData("2 9 4 7 1")]
    [InlineData("0 0 8 0 0 1")]
    public void Of_CountsByDay_QuietDaysIncluded(string perDay)
    {
        long[] counts = [.. perDay.Split(' ').Select(long.Parse)];
        var byDay = counts.Index().Where(day => day.Item > 0).Select(day => KeyValuePair.Create(First.AddDays(day.Index), day.Item));

        var volume = Volume.Of(counts.Sum(), byDay, new Period(First, First.AddDays(counts.Length - 1)));

        var sorted = counts.Order().ToList();
        var median = counts.Length % 2 == 1 ? sorted[counts.Length / 2] : (sorted[counts.Length / 2 - 1] + sorted[counts.Length / 2]) / 2.0;
        Assert.Equal((counts.Sum(), counts.Min(), median, counts.Max()), (volume.Alerts, volume.Least, volume.Median, volume.Most));
        Assert.Equal(counts.Max() == 0 ? null : First.AddDays(Array.IndexOf(counts, counts.Max())), volume.MostOn);
    }

    [Fact]
    public void Tally_TooManyKeys_CountsTheRestTogether()
    {
        var tally = new Tally<string>(2);

        foreach (var key in (string[])["a", "b", "c", "a", "d"])
            tally.Add(key);

        Assert.Equal([("a", 2L), ("b", 1L)], tally.Counts.Select(count => (count.Key, count.Value)));
        Assert.Equal(2, tally.Rest);
    }
}

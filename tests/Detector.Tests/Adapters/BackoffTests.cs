using Detector.Adapters;

namespace Detector.Tests.Adapters;

public class BackoffTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(int.MaxValue, 30)]
    public void After_Failures_DoublesUpToTheLongestShortenedByUpToHalf(int failures, double seconds)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), new Random(1));

        var waits = Enumerable.Range(0, 200).Select(_ => backoff.After(failures).TotalSeconds).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, seconds / 2, seconds));
        Assert.True(waits.Max() - waits.Min() > seconds / 4, "the waits are spread");
    }
}

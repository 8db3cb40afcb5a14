using Detector.Core;

namespace Detector.Tests;

public sealed class AheadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_000)]
    public void WorkedOutAhead_AnySequence_IsTheSame(int count)
    {
        var items = Enumerable.Range(0, count);

        Assert.Equal(items, items.WorkedOutAhead(3));
    }

    [Fact]
    public void WorkedOutAhead_OneBehindTheOther_IsTheSame()
    {
        var items = Enumerable.Range(0, 10_000);

        Assert.Equal(items.Select(n => n * 2), items.WorkedOutAhead(1).Select(n => n * 2).WorkedOutAhead(1));
    }

    [Fact]
    public void WorkedOutAhead_SequenceThrows_ThrowsBehindWhatCameBefore()
    {
        var taken = new List<int>();

        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var item in TwoAndFailure().WorkedOutAhead(1))
                taken.Add(item);
        });

        Assert.Equal("broken", error.Message);
        Assert.Equal([1, 2], taken);
    }

    [Fact]
    public void WorkedOutAhead_Left_HasStoppedAndRunsNoFurtherThanItsBound()
    {
        var begun = 0;
        var isDisposed = false;

        var first = Endless().WorkedOutAhead(2).Take(5).ToList();

        Assert.Equal([1, 2, 3, 4, 5], first);
        Assert.True(isDisposed);
        // Five taken, two ready, one in the hand.
        Assert.InRange(begun, 5, 8);

        IEnumerable<int> Endless()
        {
            try
            {
                while (true)
                    yield return ++begun;
            }
            finally
            {
                isDisposed = true;
            }
        }
    }

    private static IEnumerable<int> TwoAndFailure()
    {
        yield return 1;
        yield return 2;
        throw new InvalidOperationException("broken");
    }
}

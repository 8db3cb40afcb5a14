using Detector.App.Replays;
using Detector.Core.Events;

namespace Detector.Tests.Replays;

public sealed class ReplayLossesTests
{
    [Fact]
    public void InOrder_ManyOfOneReason_IsTheFirstPlaceAndACount()
    {
        var losses = new ReplayLosses();

        losses.Add("a", [.. Enumerable.Range(0, 500).Select(n => new Rejected("a", n, 10 * n, "bad", default))], null);

        Assert.Equal("a: record 0 at byte 0: bad; and 499 more like it", Assert.Single(losses.InOrder()).ToString());
        Assert.Equal(500, losses.Rejected);
    }

    [Fact]
    public void InOrder_Few_AreToldOneByOne()
    {
        var losses = new ReplayLosses();

        losses.Add("a", [new Rejected("a", 1, 10, "bad", default), new Rejected("a", 2, 20, "worse", default), new Rejected("a", 3, 30, "bad", default)], null);

        Assert.Equal([10L, 20, 30], losses.InOrder().Select(loss => loss.Offset));
    }

    [Fact]
    public void InOrder_AsManyReasonsAsRecords_IsBounded()
    {
        var losses = new ReplayLosses();

        losses.Add("a", [.. Enumerable.Range(0, 500).Select(n => new Rejected("a", n, n, $"bad {n}", default))], null);

        Assert.Equal(11, losses.InOrder().Count);
        Assert.Contains("489 more", losses.InOrder()[^1].Reason, StringComparison.Ordinal);
    }
}

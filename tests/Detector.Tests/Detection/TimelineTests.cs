using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Tests.Detection;

public sealed class TimelineTests : IDisposable
{
    private static readonly RuleSet Rules = Stage.Rules(("c", "type: temporal, rules: [a, b, d], timespan: 10s"));

    private readonly Timeline _timeline = new();
    private readonly List<string> _released = [];
    private readonly IDisposable _subscription;

    public TimelineTests() =>
        _subscription = _timeline.Hits.Subscribe(hit =>
            _released.Add($"{hit.Hit.Rule.Label}{hit.Hit.Event}@{Seconds(hit.Time)} clock {Seconds(_timeline.Clock.Now)}{(hit.Late ? " late" : "")}")
        );

    public void Dispose()
    {
        _subscription.Dispose();
        _timeline.Dispose();
    }

    [Fact]
    public void AdvanceTo_HitsInAnyOrder_ReleasesByTimeThenIdentity()
    {
        Add("a", 3, "2");
        Add("a", 1, "9");
        Add("a", 3, "1");
        Add("a", 2, "5");
        _timeline.AdvanceTo(At(10));

        Assert.Equal(["a9@1 clock 1", "a5@2 clock 2", "a1@3 clock 3", "a2@3 clock 3"], _released);
        Assert.Equal(At(10), _timeline.Clock.Now);
    }

    [Fact]
    public void AdvanceTo_HitsOfTheWatermarksSecond_Wait()
    {
        Add("a", 4, "1");
        Add("a", 5, "2");
        _timeline.AdvanceTo(At(5));
        var before = _released.ToArray();
        Add("a", 5, "1");
        _timeline.AdvanceTo(At(6));

        Assert.Equal(["a1@4 clock 4"], before);
        Assert.Equal(["a1@5 clock 5", "a2@5 clock 5"], _released[1..]);
    }

    [Fact]
    public void AdvanceTo_HitFromBeforeTheClock_IsReleasedLate()
    {
        _timeline.AdvanceTo(At(10));
        Add("a", 10, "1");
        Add("a", 9, "2");
        _timeline.AdvanceTo(At(11));

        Assert.Equal(["a2@9 clock 10 late", "a1@10 clock 10"], _released);
    }

    [Fact]
    public void AdvanceTo_AnEarlierWatermark_MovesNothing()
    {
        _timeline.AdvanceTo(At(10));
        Add("a", 8, "1");
        _timeline.AdvanceTo(At(5));

        Assert.Empty(_released);
        Assert.Equal(At(10), _timeline.Clock.Now);
    }

    [Fact]
    public void AdvanceTo_OneEventOfSeveralRules_ReleasesInOneOrderHoweverTheyCame()
    {
        var orders = new List<string>();
        foreach (var order in (string[])["a b d", "d b a", "b d a"])
        {
            using var timeline = new Timeline();
            var released = new List<string>();
            using var subscription = timeline.Hits.Subscribe(hit => released.Add(hit.Hit.Rule.Label));
            foreach (var rule in order.Split(' '))
            {
                timeline.Add(Hit(rule, 1, "1"));
            }
            timeline.AdvanceTo(At(2));
            orders.Add(string.Concat(released));
        }

        Assert.Single(orders.Distinct());
    }

    private void Add(string rule, int second, string identity) => _timeline.Add(Hit(rule, second, identity));

    private static WaitingHit Hit(string rule, int second, string identity) =>
        new(
            Rules.Correlations[0],
            new Hit(Rules.Detections.Single(r => r.Name == rule), new EventIdentity(identity), At(second), "{}"u8.ToArray(), "test", 0),
            "",
            null,
            At(second)
        );

    private static DateTimeOffset At(int second) => Stage.Start.AddSeconds(second);

    private static double Seconds(DateTimeOffset time) => (time - Stage.Start).TotalSeconds;
}

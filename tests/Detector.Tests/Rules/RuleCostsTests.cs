using Detector.Core.Rules;

namespace Detector.Tests.Rules;

public sealed class RuleCostsTests
{
    private const string Root = """{"eventTime":"2026-01-01T00:00:00Z","eventName":"CreateUser","userIdentity":{"type":"Root"},"eventID":"e"}""";
    private const string Other = """{"eventTime":"2026-01-01T00:00:00Z","eventName":"ListUsers","userIdentity":{"type":"IAMUser"},"eventID":"e"}""";

    private static readonly RuleSet Rules = Matching.Load(
        ("a.yml", Matching.RuleAround("""{"s": {"userIdentity.type": "Root", "userAgent|contains": "x"}, "condition": "s"}""")),
        ("b.yml", Matching.RuleAround("""{"s": {"eventName": "DeleteUser"}, "condition": "s"}""").Replace("title: t", "title: u", StringComparison.Ordinal))
    );

    [Fact]
    public void Match_ManyRecords_TimesOneInSoManyAndLetsItStandForThem()
    {
        var costs = new RuleCosts(new Steps());

        Matching.Run(new RuleMatcher(Rules, costs), string.Join('\n', Enumerable.Repeat(Root, 2 * RuleCosts.Every + 7)));

        var cost = Assert.Single(costs.Dearest());
        Assert.Equal(("t", 2 * RuleCosts.Every, TimeSpan.FromMicroseconds(2 * RuleCosts.Every)), (cost.Rule, cost.Tries, cost.Time));
    }

    [Fact]
    public void Match_RecordsWithoutCandidates_AreNeverTimed()
    {
        var time = new Steps();

        Matching.Run(new RuleMatcher(Rules, new RuleCosts(time)), string.Join('\n', Enumerable.Repeat(Other, 3 * RuleCosts.Every)));

        Assert.Equal(0, time.Asked);
    }

    [Fact]
    public void Dearest_SeveralRules_TheDearestIsFirst()
    {
        var costs = new RuleCosts(new Steps());
        costs.Add(Rules.Detections[0], 5);
        costs.Add(Rules.Detections[1], 3);
        costs.Add(Rules.Detections[1], 3);

        Assert.Equal(["u", "t"], costs.Dearest().Select(cost => cost.Rule));
    }

    /// <summary>A microsecond passes from each look at the clock to the next.</summary>
    private sealed class Steps : TimeProvider
    {
        public int Asked { get; private set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => ++Asked;
    }
}

using Detector.App;
using Detector.App.Practices;

namespace Detector.Tests.App.Practices;

public sealed class PracticeCatalogueTests
{
    [Fact]
    public void All_Detections_BelongToOnePracticeEach()
    {
        var repeated = PracticeCatalogue.All.SelectMany(practice => practice.Detections).GroupBy(slug => slug).Where(same => same.Count() > 1);

        Assert.Empty(repeated.Select(same => same.Key));
        Assert.Equal(PracticeCatalogue.All.Count, PracticeCatalogue.All.Select(practice => practice.Slug).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void All_TagsOfShippedRules_AreInTheCatalogue()
    {
        var load = RuleLoad.From([Repository.PathOf("rules")]);

        var unknown =
            from rule in load.Rules.Detections.Concat<Detector.Core.Rules.Rule>(load.Rules.Correlations)
            from tag in rule.Tags
            where tag.StartsWith("detector.", StringComparison.Ordinal) && tag != "detector.attempt"
            where PracticeCatalogue.Of(tag["detector.".Length..]) is null
            select $"{rule.Label}: {tag}";

        Assert.Empty(unknown);
    }

    [Fact]
    public void ToString_NeedsOfATrail_AreWords()
    {
        Assert.Equal("management events", default(TrailNeeds).ToString());
        Assert.Equal(
            "read-only events, data events, 12 hours of history",
            new TrailNeeds(ReadEvents: true, DataEvents: true, TimeSpan.FromHours(12)).ToString()
        );
        Assert.Equal("1 day of history", new TrailNeeds(History: TimeSpan.FromDays(1)).ToString());
    }
}

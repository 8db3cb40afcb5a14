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
    public void All_Watches_AreConsistent()
    {
        foreach (var practice in PracticeCatalogue.All)
        {
            Assert.All(practice.Watches, watch => Assert.True(watch.Least <= practice.Needs.History, $"{practice.Slug}: {watch.Detection}"));
            Assert.All(practice.Watches.Where(watch => watch.IsBorrowed), watch => Assert.NotSame(practice, PracticeCatalogue.Of(watch.Detection)));
            Assert.All(practice.Watches.Where(watch => watch.IsBorrowed), watch => Assert.NotNull(PracticeCatalogue.Of(watch.Detection)));
            Assert.True(practice.Seed != Seed.None || practice.Watches.All(watch => !watch.IsSeeded), practice.Slug);
            Assert.NotEmpty(practice.Elsewhere);
        }
    }

    [Fact]
    public void HintingRules_AreShipped()
    {
        var rules = RuleLoad.From([Repository.PathOf("rules")]).Rules;

        Assert.Subset(
            rules.Detections.Select(rule => rule.Label).ToHashSet(StringComparer.Ordinal),
            PracticeCatalogue.HintingRules.ToHashSet(StringComparer.Ordinal)
        );
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

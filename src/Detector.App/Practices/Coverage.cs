using Detector.Core.Rules;

namespace Detector.App.Practices;

/// <summary>How far rules cover the practices.</summary>
internal static class Coverage
{
    /// <summary>A Markdown table: a row a practice.</summary>
    public static IEnumerable<string> Table(RuleSet rules)
    {
        var listed = ListedRule.Of(rules);
        yield return "| practice | detections | rules | levels | cases | needs | what CloudTrail does not show | nearest to it |";
        yield return "|---|---|---|---|---|---|---|---|";
        foreach (var practice in PracticeCatalogue.All)
        {
            var own = listed.Where(rule => rule.Detections.Any(slug => practice.Detections.Contains(slug, StringComparer.Ordinal))).ToList();
            var cases = own.DistinctBy(rule => Path.GetDirectoryName(rule.Rule.Place.File), StringComparer.Ordinal).Select(rule => rule.Cases);
            var covered = own.SelectMany(rule => rule.Detections).ToHashSet(StringComparer.Ordinal);
            yield return "| "
                + string.Join(
                    " | ",
                    $"**{practice.Title}** (`{practice.Slug}`)",
                    string.Join(", ", practice.Detections.Select(slug => covered.Contains(slug) ? $"`{slug}`" : $"`{slug}` (no rule yet)")),
                    string.Join(", ", own.Where(rule => !rule.IsAttempt).Select(rule => rule.Rule.Label).Order(StringComparer.Ordinal)),
                    string.Join(", ", own.Where(rule => !rule.IsAttempt).Select(rule => rule.Level).Distinct(StringComparer.Ordinal)),
                    cases.Aggregate(default(CaseCount), (all, one) => all + one),
                    practice.Needs,
                    practice.Unseen,
                    practice.Proxy
                )
                + " |";
        }
    }
}

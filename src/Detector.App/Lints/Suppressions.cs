using System.Globalization;
using Detector.App.RuleTests;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Looks suppressions over: what they hide must be theirs to hide, and not for ever.</summary>
internal static class Suppressions
{
    /// <summary>How long before its end a suppression is told of.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static IEnumerable<Finding> Find(RuleLoad load, DateTimeOffset now) =>
        load.Suppressions.Count == 0
            ? []
            : load.Suppressions.SelectMany(suppression => Ends(suppression, now).Concat(Chosen(suppression))).Concat(HiddenCases(load));

    private static IEnumerable<Finding> Ends(FilterRule suppression, DateTimeOffset now)
    {
        var (terms, left) = (suppression.Terms!, suppression.Terms!.Expires - now);
        var date = terms.Expires.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var mend = $"remove it, or have its owner ({terms.Owner}) decide anew until when; the reason given is: {terms.Reason}";
        if (left <= TimeSpan.Zero)
            yield return Of(suppression, LintCatalogue.SuppressionExpired, LintLevel.Warning, $"it expired on {date}: events since then are told", mend);
        else if (left <= Soon)
            yield return Of(
                suppression,
                LintCatalogue.SuppressionExpires,
                LintLevel.Warning,
                $"it expires on {date}, in {Math.Ceiling(left.TotalDays).ToString(CultureInfo.InvariantCulture)} days",
                mend
            );
    }

    /// <summary>A filter leaves out what does not meet its condition.</summary>
    private static IEnumerable<Finding> Chosen(FilterRule suppression) =>
        CallerChosen
            .Enough(new Condition.Not(suppression.Condition))
            .Take(1)
            .Select(field =>
                Of(
                    suppression,
                    LintCatalogue.SuppressionChosen,
                    LintLevel.Error,
                    $"{field.Path} alone hides an alert, and the caller chooses it: an attacker would choose it too",
                    "ask for something besides that the caller cannot choose, such as the role's own ARN"
                )
            );

    private static IEnumerable<Finding> HiddenCases(RuleLoad load)
    {
        var byName = load.Suppressions.ToLookup(suppression => suppression.Label, StringComparer.Ordinal);
        foreach (var tested in TestedRules.Of(load.Rules))
        {
            var bench = new Bench(load.Rules, tested);
            if (bench.Rules.Hidden.Count == 0)
                continue;
            var hidden = tested
                .Cases.Where(one => one.Expected is Expectation.Fires or Expectation.Attempt)
                .SelectMany(one => bench.HiddenBy(one.Read()).SelectMany(name => byName[name]).Select(suppression => (suppression, one.File)))
                .GroupBy(one => one.suppression, one => one.File);
            foreach (var cases in hidden)
            {
                var files = cases.ToList();
                yield return Of(
                    cases.Key,
                    LintCatalogue.SuppressionHidesCase,
                    LintLevel.Error,
                    $"it hides what must fire: {Words.Count(files.Count, "case")} of {tested.Label}, such as {files[0]}",
                    "ask for more, so that it fits what you mean and not the attack"
                );
            }
        }
    }

    private static Finding Of(FilterRule suppression, Lint kind, LintLevel level, string reason, string mend) =>
        new(kind, level, suppression.Place, suppression.Label, reason, mend);
}

using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Looks rules over for what is wrong, doubtful or worth knowing.</summary>
internal static class Linter
{
    /// <summary>Everything to be told of the rules, in the order of their files.</summary>
    /// <param name="load">The rules, with what loading them has told.</param>
    /// <param name="strict">Whether to tell of metadata that a rule of one's own can do without.</param>
    /// <param name="now">By which suppressions have ended or are about to.</param>
    public static IReadOnlyList<Finding> Check(RuleLoad load, bool strict, DateTimeOffset now)
    {
        var read = RuleText.Reader();
        return
        [
            .. load
                .Refused.Select(error => Of(LintCatalogue.Refused, LintLevel.Error, error))
                .Concat(load.Warnings.Select(warning => Of(LintCatalogue.Doubtful, LintLevel.Warning, warning)))
                .Concat(load.Skipped.Select(skipped => Of(LintCatalogue.Skipped, LintLevel.Note, skipped)))
                .Concat(load.Rules.Detections.SelectMany(rule => Check(new LintSubject(rule, read(rule)), load.Rules, strict)))
                .Concat(load.Rules.Correlations.SelectMany(Groups.Find))
                .Concat(Suppressions.Find(load, now))
                .Distinct()
                .OrderBy(finding => finding.Place.File, StringComparer.Ordinal)
                .ThenBy(finding => finding.Place.Line)
                .ThenBy(finding => finding.Place.Column),
        ];
    }

    private static IEnumerable<Finding> Check(LintSubject subject, RuleSet rules, bool strict) =>
        [
            .. ImpossibleTests.Find(subject),
            .. Shapes.Find(subject),
            .. CallerChosen.Find(subject),
            .. Delivery.Find(subject),
            .. Cost.Find(subject, rules),
            .. Groups.Find(subject),
            .. Wording.Find(subject, rules, strict),
        ];

    private static Finding Of(Lint kind, LintLevel level, RuleError error) => new(kind, level, error.Place, null, error.Reason, error.Mend);
}

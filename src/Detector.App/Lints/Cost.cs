using System.Text.RegularExpressions;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Tells what a rule costs beyond the usual, which is nothing for a record with another event's name.</summary>
internal static partial class Cost
{
    public static IEnumerable<Finding> Find(LintSubject subject, RuleSet rules)
    {
        if (rules.TriedAlways.Contains(subject.Rule))
        {
            var fields = Implied.Fields(subject.Rule.Condition).Distinct(StringComparer.Ordinal).ToList();
            yield return subject.OfRule(
                LintCatalogue.TriedAlways,
                LintLevel.Note,
                $"the rule is tried on every record, as its condition implies neither an event's name nor its source: {Looks(subject.Rule, fields)}",
                "name the eventName or eventSource, if the rule means only some"
            );
        }
        if (Implied.HasKeywords(subject.Rule.Condition))
            yield return subject.OfRule(
                LintCatalogue.Keywords,
                LintLevel.Note,
                "the rule searches every value of each record that it is tried on",
                "ask for the field that you mean, with contains"
            );
        foreach (var leaf in subject.Leaves)
        {
            if (leaf.Test is FieldTest.Matches { IgnoreCase: var any, Pattern: var pattern } && Plain(pattern) is { } plain)
                yield return subject.At(
                    leaf,
                    LintCatalogue.PlainRegex,
                    LintLevel.Note,
                    $"the regular expression '{pattern}' asks for plain text, which is compared many times faster",
                    $"write {leaf.Path}{plain.Modifier}{(any ? "" : "|cased")}: '{plain.Text}'"
                );
        }
    }

    private static string Looks(DetectionRule rule, List<string> fields) =>
        Implied.HasKeywords(rule.Condition) ? "all of its values are looked at"
        : fields.Count == 1 ? $"{fields[0]} is read from each"
        : $"{fields.Count} fields are read from each ({string.Join(", ", fields.Take(4))}{(fields.Count > 4 ? ", ..." : "")})";

    /// <summary>The modifier and text that do the same, or null if the expression is more than plain text between runs of anything.</summary>
    private static (string Modifier, string Text)? Plain(string pattern)
    {
        var match = PlainText().Match(pattern);
        if (!match.Success)
            return null;
        var (start, end) = (match.Groups["start"].Value == "^", match.Groups["end"].Value == "$");
        var modifier = (start, end) switch
        {
            (true, true) => "",
            (true, false) => "|startswith",
            (false, true) => "|endswith",
            _ => "|contains",
        };
        return (modifier, Escape().Replace(match.Groups["text"].Value, ""));
    }

    [GeneratedRegex(
        @"^(?<start>\^|\.[*+]|\^\.[*+])?(?<text>([\w :/@,=-]|\\[.\-/+*?()\[\]{}|^$])+)(?<end>\$|\.[*+]\$?)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex PlainText();

    [GeneratedRegex(@"\\(?=[.\-/+()\[\]{}|^$])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escape();
}

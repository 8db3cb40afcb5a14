using System.Text.RegularExpressions;
using Detector.Core.Rules;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Detector.App.Lints;

/// <summary>Finds what a rule's text says otherwise than its author may mean.</summary>
internal static partial class Wording
{
    private static readonly string[] Attributes = ["id", "level", "description", "falsepositives"];

    public static IEnumerable<Finding> Find(LintSubject subject, RuleSet rules, bool strict)
    {
        var text = subject.Text;
        foreach (var (key, value) in text.Fields.Where(item => item.Value is YamlSequenceNode).ToList())
        {
            var list = (YamlSequenceNode)value;
            var name = RuleText.Text(key);
            if (list.Children.Count == 0)
                yield return Warning(
                    LintCatalogue.EmptyList,
                    list,
                    $"the list of '{name}' is empty, which asks for the field to be absent",
                    "write null if that is meant"
                );
            else if (list.Children.Count > 1 && list.Children.FirstOrDefault(IsNull) is { } nothing)
                yield return Warning(
                    LintCatalogue.NullInList,
                    nothing,
                    $"null in the list of '{name}' also takes records without the field",
                    "put it into a search of its own"
                );
        }
        var words = text.Conditions.SelectMany(condition => Word().Matches(condition)).Select(match => match.Value).ToList();
        foreach (var (key, _) in text.Searches.Where(search => words.Count > 0 && !words.Exists(word => Names(word, RuleText.Text(search.Key)))))
            yield return Warning(
                LintCatalogue.UnusedSearch,
                key,
                $"the condition does not name '{RuleText.Text(key)}', so it says nothing",
                "name it, or take it out"
            );
        if (subject.Holds(subject.Rule.Condition) == true)
            yield return subject.OfRule(LintCatalogue.AlwaysTrue, LintLevel.Warning, "every record meets the rule's condition", "ask for something");
        else
        {
            foreach (var leaf in subject.Leaves.Where(leaf => IsEmptyMatch(leaf.Test) || (!leaf.Negated && subject.Holds(leaf.Field) == true)))
                yield return subject.At(
                    leaf,
                    LintCatalogue.AlwaysTrue,
                    LintLevel.Warning,
                    IsEmptyMatch(leaf.Test) ? $"every value of {leaf.Path} contains nothing" : $"every record meets this test of {leaf.Path}",
                    IsEmptyMatch(leaf.Test) ? $"ask for {leaf.Path}|exists: true if that is meant" : "take it out"
                );
        }
        if (strict && Missing(subject.Rule, text, rules) is { Count: > 0 } missing)
            yield return subject.OfRule(
                LintCatalogue.Metadata,
                LintLevel.Note,
                $"the rule has no {string.Join(", no ", missing)}",
                "add it before the rule ships"
            );

        Finding Warning(Lint kind, YamlNode node, string reason, string mend) =>
            subject.OfRule(kind, LintLevel.Warning, reason, mend) with
            {
                Place = text.PlaceOf(node),
            };
    }

    private static bool IsEmptyMatch(FieldTest test) => test is FieldTest.Matches { Pattern: "" or ".*" };

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    private static bool Names(string word, string search) =>
        word == search || (word == "them" && !search.StartsWith('_')) || (word.Contains('*', StringComparison.Ordinal) && Pattern(word).CanBe(search));

    private static TextPattern Pattern(string word) =>
        new([.. word.Split('*').SelectMany((part, i) => i == 0 ? Literal(part) : [TextPiece.AnyRun, .. Literal(part)])], Cased: true);

    private static TextPiece[] Literal(string text) => text.Length == 0 ? [] : [TextPiece.Literal(text)];

    private static List<string> Missing(DetectionRule rule, RuleText text, RuleSet rules)
    {
        List<string> missing = [.. Attributes.Where(attribute => !text.Has(attribute))];
        if (!rule.Tags.Any(tag => tag.StartsWith("attack.", StringComparison.Ordinal)))
            missing.Add("tag of MITRE ATT&CK");
        // A rule that only serves others tells nobody of a practice.
        if (rules.AlertsByItself(rule) && !rule.Tags.Any(tag => tag.StartsWith("detector.", StringComparison.Ordinal)))
            missing.Add("tag of a practice");
        return missing;
    }

    [GeneratedRegex(@"[\w*.?-]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}

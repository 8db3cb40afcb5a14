using Detector.App.AwsFacts;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>Finds fields to group by that no record has: an event without such a field takes no part.</summary>
internal static class Groups
{
    public static IEnumerable<Finding> Find(CorrelationRule rule) =>
        rule.GroupBy.Where(path => !rule.Aliases.ContainsKey(path)).Concat(rule.Fields).Select(path => Of(rule, path, LintLevel.Error)).OfType<Finding>();

    public static IEnumerable<Finding> Find(LintSubject subject) =>
        (subject.Rule.Sighting?.By ?? [])
            .Select(path => Of(subject.Rule, path, LintLevel.Error))
            .Concat((subject.Rule.Suppression?.By ?? []).Select(path => Of(subject.Rule, path, LintLevel.Warning)))
            .OfType<Finding>();

    private static Finding? Of(Rule rule, string path, LintLevel level) =>
        !path.StartsWith("detector.", StringComparison.Ordinal) && RecordFields.IsUnknown(path, out var nearest)
            ? new Finding(
                LintCatalogue.UnknownField,
                level,
                rule.Place,
                rule.Label,
                $"events are grouped by '{path}', which CloudTrail records do not have{(level == LintLevel.Error ? "; the rule never fires" : "")}",
                nearest.Length > 0 ? $"did you mean {nearest}" : "group by a field of CloudTrail"
            )
            : null;
}

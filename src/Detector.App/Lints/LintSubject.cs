using Detector.App.AwsFacts;
using Detector.Core.Rules;

namespace Detector.App.Lints;

/// <summary>A field's test inside a condition, with what is around it.</summary>
/// <param name="Field">The test.</param>
/// <param name="Negated">Whether it stands below an odd number of negations: it then helps the rule to stay quiet.</param>
/// <param name="Sources">The event sources of which the record must have one for this part to matter; null if the condition does not say.</param>
/// <param name="Names">The same, for the names of events.</param>
internal sealed record Leaf(Condition.Field Field, bool Negated, IReadOnlySet<string>? Sources, IReadOnlySet<string>? Names)
{
    /// <summary>The field's path.</summary>
    public string Path => Field.Path;

    /// <summary>What is asked of its values.</summary>
    public FieldTest Test => Field.Test;

    /// <summary>The text that the field must be, if it is asked for one exactly.</summary>
    public string? Literal => (Test as FieldTest.Text)?.Pattern.Literal;
}

/// <summary>A rule under the eyes of the lints.</summary>
internal sealed class LintSubject
{
    // The same search may stand in a condition twice, so parts are told apart by identity.
    private readonly Dictionary<Condition, bool> _settled = new(ReferenceEqualityComparer.Instance);

    public LintSubject(DetectionRule rule, RuleText text)
    {
        Rule = rule;
        Text = text;
        Leaves = [.. LeavesOf(rule.Condition, false, null, null)];
    }

    /// <summary>The rule.</summary>
    public DetectionRule Rule { get; }

    /// <summary>What it was read from.</summary>
    public RuleText Text { get; }

    /// <summary>Every test of a field in its condition.</summary>
    public IReadOnlyList<Leaf> Leaves { get; }

    /// <summary>Takes a part of the condition for one that no record meets, or that every record does.</summary>
    public void Settle(Condition part, bool holds) => _settled[part] = holds;

    /// <summary>Whether a condition holds for every record (true), for none (false), or depends on it (null), by what is settled of its parts.</summary>
    public bool? Holds(Condition condition)
    {
        if (_settled.TryGetValue(condition, out var settled))
            return settled;
        switch (condition)
        {
            case Condition.And and:
                var all = and.Parts.Select(Holds).ToList();
                return all.Contains(false) ? false
                    : all.TrueForAll(part => part == true) ? true
                    : null;
            case Condition.Or or:
                var any = or.Parts.Select(Holds).ToList();
                return any.Contains(true) ? true
                    : any.TrueForAll(part => part == false) ? false
                    : null;
            case Condition.Not not:
                return !Holds(not.Part);
            case Condition.Field { Test: FieldTest.Exists { Present: var present } } field when RecordFields.IsAlwaysThere(field.Path):
                return present;
            case Condition.Field { Test: FieldTest.IsNull } field when RecordFields.IsAlwaysThere(field.Path):
                return false;
            case Condition.Field { Test: FieldTest.Text { Pattern.Pieces: [{ Kind: TextPieceKind.AnyRun }] } } field
                when RecordFields.IsAlwaysThere(field.Path):
                return true;
            default:
                return null;
        }
    }

    /// <summary>A finding about a leaf, at its place.</summary>
    public Finding At(Leaf leaf, Lint kind, LintLevel level, string reason, string mend = "") =>
        new(kind, level, Text.PlaceOf(leaf.Path, leaf.Test), Rule.Label, reason, mend);

    /// <summary>A finding about the rule as a whole.</summary>
    public Finding OfRule(Lint kind, LintLevel level, string reason, string mend = "") => new(kind, level, Rule.Place, Rule.Label, reason, mend);

    private static IEnumerable<Leaf> LeavesOf(Condition condition, bool negated, IReadOnlySet<string>? sources, IReadOnlySet<string>? names)
    {
        switch (condition)
        {
            case Condition.And and:
                var (inner, called) = (Implied.Values(and, "eventSource") ?? sources, Implied.Values(and, "eventName") ?? names);
                return and.Parts.SelectMany(part => LeavesOf(part, negated, inner, called));
            case Condition.Or or:
                return or.Parts.SelectMany(part => LeavesOf(part, negated, sources, names));
            case Condition.Not not:
                return LeavesOf(not.Part, !negated, sources, names);
            case Condition.Field field:
                return [new Leaf(field, negated, sources, names)];
            default:
                return [];
        }
    }
}

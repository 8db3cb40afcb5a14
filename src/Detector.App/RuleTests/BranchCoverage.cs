using Detector.Core.Rules;

namespace Detector.App.RuleTests;

/// <summary>Branches of a rule's condition that no case takes.</summary>
/// <param name="Rule">Whose condition.</param>
/// <param name="Branches">How many.</param>
/// <param name="Text">Which, in one line.</param>
internal sealed record Unexercised(DetectionRule Rule, int Branches, string Text);

/// <summary>
/// Tells which branches of a rule's condition no case takes. An alternative is taken where the rule is met and it holds; what is negated, where it alone keeps the
/// rule from being met.
/// </summary>
internal static class BranchCoverage
{
    /// <summary>The branches that no case of the rules takes; of a branch that is not taken those inside are not told.</summary>
    public static IReadOnlyList<Unexercised> Of(Bench bench, TestedRules tested)
    {
        if (tested.Cases.Count == 0)
            return [];
        var seen = tested.Cases.SelectMany(one => Asked(bench, one)).ToLookup(asked => asked.Rule.Key, StringComparer.Ordinal);
        return [.. bench.Own.SelectMany(rule => Of(rule, [.. seen[rule.Key]]))];
    }

    private static IEnumerable<Unexercised> Of(DetectionRule rule, IReadOnlyList<AskedRecord> records)
    {
        var root = new Branch(rule.Condition, null, rule.Condition);
        var missed = Missed(root, record => record.Fires && record.Answers.Holds(rule.Condition)).ToList();
        // Values of one field in one list are told together.
        foreach (var list in missed.GroupBy(branch => (branch.Not, List: branch.ListedIn), branch => branch))
        {
            IReadOnlyList<Branch> branches = [.. list];
            IEnumerable<Condition> told = list.Key.List is null
                ? branches.Select(branch => branch.Part)
                : [new Condition.Or([.. branches.Select(branch => branch.Part)])];
            foreach (var part in told)
            {
                var text = ConditionText.Of(part);
                yield return new Unexercised(
                    rule,
                    list.Key.List is null ? 1 : branches.Count,
                    list.Key.Not is not null ? $"decides no quiet case: not ({text})"
                        : ReferenceEquals(part, rule.Condition) ? "is met in no case that fires"
                        : $"holds in no case that fires: {text}"
                );
            }
        }

        IEnumerable<Branch> Missed(Branch branch, Func<AskedRecord, bool> taken) =>
            records.Any(taken)
                ? Inside(branch.Part, branch.Not)
                    .SelectMany(inner =>
                        Missed(
                            inner,
                            record =>
                                inner.Not is null
                                    ? record.Fires && record.Answers.Holds(rule.Condition) && record.Answers.Holds(inner.Part)
                                    : !record.Answers.Holds(rule.Condition)
                                        && record.Answers.Holds(inner.Part)
                                        && record.Answers.Holds(rule.Condition, inner.Not)
                        )
                    )
                : [branch];
    }

    /// <summary>The branches next inside a part.</summary>
    /// <param name="part">A part of a condition.</param>
    /// <param name="not">The negation that it stands under, if what it says speaks against the rule.</param>
    private static IEnumerable<Branch> Inside(Condition part, Condition? not) =>
        part switch
        {
            Condition.And and => and.Parts.SelectMany(inner => Inside(inner, not)),
            Condition.Or any => any.Parts.Select(inner => new Branch(inner, not, ConditionText.FieldOf(any) is null ? null : any)),
            Condition.Not { Part: Condition.Or } negation => Inside(negation.Part, not is null ? negation : null),
            Condition.Not negation => [new Branch(negation.Part, not is null ? negation : null, null)],
            _ => [],
        };

    private static IEnumerable<AskedRecord> Asked(Bench bench, RuleCase one)
    {
        var content = one.Read();
        var recollection = bench.Recall(content);
        foreach (var record in CaseRecord.Read(content))
        {
            foreach (var rule in bench.Own)
                yield return new AskedRecord(rule, one.Expected is not Expectation.Quiet, recollection.Ask(rule, record.Json, record.Time));
        }
    }

    /// <param name="Part">What must hold for it to be taken.</param>
    /// <param name="Not">The negation that it stands under; null if it speaks for the rule.</param>
    /// <param name="ListedIn">The list of values of one field that it is part of, if it is.</param>
    private sealed record Branch(Condition Part, Condition? Not, Condition? ListedIn);

    /// <param name="Rule">The rule that was asked.</param>
    /// <param name="Fires">Whether the record's case fires.</param>
    /// <param name="Answers">What the record says.</param>
    private sealed record AskedRecord(DetectionRule Rule, bool Fires, Answers Answers);
}

namespace Detector.Core.Rules.Matchers;

/// <summary>Numbers the distinct predicates of all rules.</summary>
/// <param name="fieldNumbers">Numbers of the fields in the rule set's selections.</param>
internal sealed class PredicateTable(IReadOnlyDictionary<string, int> fieldNumbers)
{
    private readonly Dictionary<Condition, Compiled> _leaves = [];
    private readonly List<Predicate> _predicates = [];

    /// <summary>The predicate that a condition without parts is.</summary>
    public Compiled LeafOf(Condition condition)
    {
        if (!_leaves.TryGetValue(condition, out var leaf))
        {
            leaf = new Compiled.Leaf(_predicates.Count);
            _leaves.Add(condition, leaf);
            _predicates.Add(Predicate.From(condition, fieldNumbers));
        }
        return leaf;
    }

    public Predicate[] ToArray() => [.. _predicates];
}

namespace Detector.Core.Rules.Matchers;

/// <summary>Numbers the distinct predicates of all rules.</summary>
/// <param name="fieldNumbers">Numbers of the fields in the rule set's selections.</param>
internal sealed class PredicateTable(IReadOnlyDictionary<string, int> fieldNumbers)
{
    private readonly Dictionary<Condition, int> _numbers = [];
    private readonly List<Predicate> _predicates = [];

    public int NumberOf(Condition leaf)
    {
        if (!_numbers.TryGetValue(leaf, out var number))
        {
            number = _predicates.Count;
            _numbers.Add(leaf, number);
            _predicates.Add(Predicate.From(leaf, fieldNumbers));
        }
        return number;
    }

    public Predicate[] ToArray() => [.. _predicates];
}

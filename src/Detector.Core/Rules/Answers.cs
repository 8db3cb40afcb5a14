using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Rules;

/// <summary>
/// What one record answers to each leaf of a condition; and what the whole would come to if a part of it were answered otherwise. Leaves are asked of the
/// engine's own predicates.
/// </summary>
public sealed class Answers
{
    // A condition may hold the same part twice: it is the part itself that was asked, not one equal to it.
    private readonly Dictionary<Condition, bool> _leaves = new(ReferenceEqualityComparer.Instance);

    private Answers() { }

    /// <summary>Whether a part of the condition that was asked holds.</summary>
    /// <param name="part">The condition, or a part of it.</param>
    /// <param name="otherwise">A part to take for the contrary of what it is; null for none.</param>
    public bool Holds(Condition part, Condition? otherwise = null)
    {
        var holds = part switch
        {
            Condition.And and => and.Parts.All(inner => Holds(inner, otherwise)),
            Condition.Or any => any.Parts.Any(inner => Holds(inner, otherwise)),
            Condition.Not not => !Holds(not.Part, otherwise),
            _ => _leaves[part],
        };
        return ReferenceEquals(part, otherwise) ? !holds : holds;
    }

    /// <summary>Asks a record, which must be a JSON object.</summary>
    internal static Answers Of(Condition condition, ReadOnlySpan<byte> record, Past? past = null)
    {
        var fields = new FieldReader(Implied.Fields(condition));
        var answers = new Answers();
        answers.Ask(condition, fields.Read(record, past), fields.Numbers);
        return answers;
    }

    private void Ask(Condition condition, scoped in RecordView record, Dictionary<string, int> numbers)
    {
        switch (condition)
        {
            case Condition.And and:
                foreach (var part in and.Parts)
                    Ask(part, record, numbers);
                break;
            case Condition.Or or:
                foreach (var part in or.Parts)
                    Ask(part, record, numbers);
                break;
            case Condition.Not not:
                Ask(not.Part, record, numbers);
                break;
            default:
                _leaves[condition] = Predicate.From(condition, numbers).Holds(record);
                break;
        }
    }
}

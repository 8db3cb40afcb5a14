namespace Detector.Core.Rules;

/// <summary>What can be said of a condition without an event.</summary>
public static class Implied
{
    /// <summary>
    /// The texts of which the field must have one for the condition to hold, or null if it may hold without. Compared without case.
    /// An empty set means that the condition can never hold.
    /// </summary>
    public static IReadOnlySet<string>? Values(Condition condition, string field)
    {
        switch (condition)
        {
            case Condition.Field { Test: FieldTest.Text { Pattern.Literal: { } literal } } test when test.Path == field:
                return new HashSet<string>(StringComparer.OrdinalIgnoreCase) { literal };
            case Condition.And and:
                // Any part's values are implied; the fewest serve best.
                return and.Parts.Select(p => Values(p, field)).Where(v => v is not null).MinBy(v => v!.Count);
            case Condition.Or or:
                var union = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                foreach (var part in or.Parts)
                {
                    if (Values(part, field) is not { } values)
                    {
                        return null;
                    }
                    union.UnionWith(values);
                }
                return union;
            default:
                return null;
        }
    }

    /// <summary>Every field that the condition asks for.</summary>
    public static IEnumerable<string> Fields(Condition condition) =>
        condition switch
        {
            Condition.And and => and.Parts.SelectMany(Fields),
            Condition.Or or => or.Parts.SelectMany(Fields),
            Condition.Not not => Fields(not.Part),
            Condition.Field { Test: FieldTest.SameAs same } field => [field.Path, same.OtherField],
            Condition.Field field => [field.Path],
            _ => [],
        };

    /// <summary>Whether the condition searches all values of the event.</summary>
    public static bool HasKeywords(Condition condition) =>
        condition switch
        {
            Condition.And and => and.Parts.Any(HasKeywords),
            Condition.Or or => or.Parts.Any(HasKeywords),
            Condition.Not not => HasKeywords(not.Part),
            Condition.Keyword => true,
            _ => false,
        };
}

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
                IReadOnlySet<string>? fewest = null;
                foreach (var part in and.Parts)
                {
                    if (Values(part, field) is { } values && !(values.Count >= fewest?.Count))
                    {
                        fewest = values;
                    }
                }
                return fewest;
            case Condition.Or or:
                var union = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                foreach (var part in or.Parts)
                {
                    if (Values(part, field) is not { } some)
                    {
                        return null;
                    }
                    union.UnionWith(some);
                }
                return union;
            default:
                return null;
        }
    }

    /// <summary>Every field that the condition asks for.</summary>
    public static IEnumerable<string> Fields(Condition condition)
    {
        var fields = new List<string>();
        AnyField(
            condition,
            field =>
            {
                fields.Add(field);
                return false;
            }
        );
        return fields;
    }

    /// <summary>Whether the condition asks for a field of which something is true. Rules are many: nothing is allocated.</summary>
    internal static bool AnyField(Condition condition, Func<string, bool> isTrue) =>
        condition switch
        {
            Condition.And and => AnyField(and.Parts, isTrue),
            Condition.Or or => AnyField(or.Parts, isTrue),
            Condition.Not not => AnyField(not.Part, isTrue),
            Condition.Field { Test: FieldTest.SameAs same } field => isTrue(field.Path) || isTrue(same.OtherField),
            Condition.Field field => isTrue(field.Path),
            _ => false,
        };

    private static bool AnyField(IReadOnlyList<Condition> parts, Func<string, bool> isTrue)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (AnyField(parts[i], isTrue))
            {
                return true;
            }
        }
        return false;
    }

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

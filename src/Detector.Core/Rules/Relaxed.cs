using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules;

/// <summary>What a condition is while history is not known: it holds wherever history could make it hold.</summary>
internal static class Relaxed
{
    private static readonly Condition True = new Condition.And([]);
    private static readonly Condition False = new Condition.Or([]);

    public static Condition Of(Condition condition) => Implied.AnyField(condition, DerivedFields.NeedsHistory) ? Of(condition, True) : condition;

    /// <param name="condition">A part of the condition.</param>
    /// <param name="unknown">What helps the whole to hold: true, or false below a negation.</param>
    private static Condition Of(Condition condition, Condition unknown) =>
        condition switch
        {
            Condition.And and => new Condition.And([.. and.Parts.Select(part => Of(part, unknown))]),
            Condition.Or or => new Condition.Or([.. or.Parts.Select(part => Of(part, unknown))]),
            Condition.Not not => new Condition.Not(Of(not.Part, unknown == True ? False : True)),
            _ => Implied.AnyField(condition, DerivedFields.NeedsHistory) ? unknown : condition,
        };
}

using System.Net;

namespace Detector.Core.Rules;

/// <summary>
/// A rule's condition with everything resolved that can be before an event is seen: search identifiers are in place, modifiers are applied,
/// lists have become <see cref="Or"/> and <see cref="And"/>. What is left of Sigma is logic over tests of fields.
/// </summary>
public abstract record Condition
{
    /// <summary>That a field has a value of exactly this text.</summary>
    internal static Field Is(string path, string text, bool cased = false) => new(path, new FieldTest.Text(TextPattern.Exactly(text, cased)));

    /// <summary>That a field is absent, or null.</summary>
    internal static Field IsNull(string path) => new(path, new FieldTest.IsNull());

    /// <summary>True if every part is.</summary>
    public sealed record And(IReadOnlyList<Condition> Parts) : Condition;

    /// <summary>True if any part is.</summary>
    public sealed record Or(IReadOnlyList<Condition> Parts) : Condition;

    /// <summary>True if the part is not: an absent field makes a test false, so its negation true.</summary>
    public sealed record Not(Condition Part) : Condition;

    /// <summary>True if any value that the field has in the event meets the test.</summary>
    /// <param name="Path">A dotted path; case matters.</param>
    /// <param name="Test">What is asked of the values.</param>
    public sealed record Field(string Path, FieldTest Test) : Condition;

    /// <summary>True if any value anywhere in the event, keys aside, meets the test.</summary>
    public sealed record Keyword(FieldTest Test) : Condition;
}

/// <summary>A question asked of the values of one field.</summary>
public abstract record FieldTest
{
    /// <summary>The field is absent, or has an explicit null.</summary>
    public sealed record IsNull : FieldTest;

    /// <summary>The field is present, even with null, or is not.</summary>
    public sealed record Exists(bool Present) : FieldTest;

    /// <summary>A value's text meets a pattern.</summary>
    public sealed record Text(TextPattern Pattern) : FieldTest;

    /// <summary>A value's text meets a regular expression, unanchored.</summary>
    public sealed record Matches(string Pattern, bool IgnoreCase, bool Multiline, bool Singleline) : FieldTest;

    /// <summary>A value is a number, or text that is one, that compares so.</summary>
    public sealed record Number(Comparison Operator, decimal Value) : FieldTest;

    /// <summary>A value is an address inside the network.</summary>
    public sealed record Cidr(IPNetwork Network) : FieldTest;

    /// <summary>A value equals, or contains, starts or ends with, a value of another field.</summary>
    public sealed record SameAs(string OtherField, TextAnchor Anchor, bool Cased) : FieldTest;

    /// <summary>A value is a time before this.</summary>
    public sealed record Before(DateTimeOffset Limit) : FieldTest;

    /// <summary>A part of a value that is a time compares so, in UTC.</summary>
    public sealed record Time(TimePart Part, Comparison Operator, decimal Value) : FieldTest;
}

/// <summary>Where in a value another text must stand.</summary>
public enum TextAnchor
{
    /// <summary>It is the whole value.</summary>
    Whole,

    /// <summary>It stands anywhere.</summary>
    Anywhere,

    /// <summary>The value begins with it.</summary>
    Start,

    /// <summary>The value ends with it.</summary>
    End,
}

/// <summary>A part of a point in time, in UTC.</summary>
public enum TimePart
{
    /// <summary>0 to 59.</summary>
    Minute,

    /// <summary>0 to 23.</summary>
    Hour,

    /// <summary>Day of the month, 1 to 31.</summary>
    Day,

    /// <summary>ISO 8601 week of the year, 1 to 53.</summary>
    Week,

    /// <summary>1 to 12.</summary>
    Month,

    /// <summary>Such as 2026.</summary>
    Year,
}

/// <summary>How two numbers are compared.</summary>
public enum Comparison
{
    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Less or equal.</summary>
    LessOrEqual,

    /// <summary>Greater.</summary>
    Greater,

    /// <summary>Greater or equal.</summary>
    GreaterOrEqual,
}

/// <summary>Applies comparisons.</summary>
public static class ComparisonExtensions
{
    /// <summary>Whether the sign of a three-way comparison is what the operator asks for.</summary>
    public static bool Holds(this Comparison comparison, int sign) =>
        comparison switch
        {
            Comparison.Equal => sign == 0,
            Comparison.NotEqual => sign != 0,
            Comparison.Less => sign < 0,
            Comparison.LessOrEqual => sign <= 0,
            Comparison.Greater => sign > 0,
            _ => sign >= 0,
        };

    /// <summary>The operator as people write it, such as <c>&gt;=</c>.</summary>
    public static string Symbol(this Comparison comparison) =>
        comparison switch
        {
            Comparison.Equal => "=",
            Comparison.NotEqual => "!=",
            Comparison.Less => "<",
            Comparison.LessOrEqual => "<=",
            Comparison.Greater => ">",
            _ => ">=",
        };
}

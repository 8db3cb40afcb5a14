using System.Globalization;

namespace Detector.Core.Rules;

/// <summary>Puts conditions into words.</summary>
public static class ConditionText
{
    /// <summary>A condition on one line, such as <c>eventName = CreateUser</c>.</summary>
    public static string Of(Condition condition) =>
        condition switch
        {
            Condition.Field field => Of(field.Path, field.Test),
            Condition.Keyword keyword => Of("any value", keyword.Test),
            Condition.Or { Parts: [var only] } => Of(only),
            Condition.Or any when FieldOf(any) is { } path => AnyOf(path, any.Parts.Select(part => ((Condition.Field)part).Test)),
            Condition.Or any => string.Join(" or ", any.Parts.Select(Enclosed)),
            Condition.And all => string.Join(" and ", all.Parts.Select(Enclosed)),
            Condition.Not not => $"not {Enclosed(not.Part)}",
            _ => throw new ArgumentException($"no words for {condition.GetType().Name}", nameof(condition)),
        };

    /// <summary>The field that all alternatives are about, if it is one and the same: people think of such a list as one test.</summary>
    public static string? FieldOf(Condition.Or alternatives) =>
        alternatives.Parts is [Condition.Field first, ..] && alternatives.Parts.All(part => part is Condition.Field field && field.Path == first.Path)
            ? first.Path
            : null;

    /// <summary>Several tests of one field, any of which suffices.</summary>
    public static string AnyOf(string path, IEnumerable<FieldTest> tests) =>
        $"{path}: any of {string.Join(", ", tests.Select(test => Of("", test)).Select(test => test.StartsWith("= ", StringComparison.Ordinal) ? test[2..] : test))}";

    private static string Enclosed(Condition part) =>
        part is Condition.And { Parts.Count: > 1 } or Condition.Or { Parts.Count: > 1 } ? $"({Of(part)})" : Of(part);

    private static string Of(string path, FieldTest test) =>
        (
            test switch
            {
                FieldTest.IsNull => $"{path} = null",
                FieldTest.Exists { Present: true } => $"{path} exists",
                FieldTest.Exists => $"{path} is absent",
                FieldTest.Text text => $"{path} {Of(text.Pattern)}",
                FieldTest.Matches regex => $"{path} matches {regex.Pattern}{Flags(regex)}",
                FieldTest.Number number => $"{path} {number.Operator.Symbol()} {number.Value.ToString(CultureInfo.InvariantCulture)}",
                FieldTest.Cidr cidr => $"{path} in {cidr.Network}",
                FieldTest.SameAs same => $"{path} {Of(same.Anchor)} the value of {same.OtherField}{Cased(same.Cased)}",
                FieldTest.Before before => $"{path} before {before.Limit.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}",
                FieldTest.Time time =>
                    $"{time.Part.ToString().ToLowerInvariant()} of {path} {time.Operator.Symbol()} {time.Value.ToString(CultureInfo.InvariantCulture)}",
                _ => $"{path} {test}",
            }
        ).TrimStart();

    private static string Of(TextPattern pattern) =>
        pattern.Pieces switch
        {
            [] => "= ''",
            [{ Kind: TextPieceKind.Literal } only] => $"= {only.Text}",
            [{ Kind: TextPieceKind.AnyRun }, { Kind: TextPieceKind.Literal } part, { Kind: TextPieceKind.AnyRun }] => $"contains {part.Text}",
            [{ Kind: TextPieceKind.Literal } start, { Kind: TextPieceKind.AnyRun }] => $"starts with {start.Text}",
            [{ Kind: TextPieceKind.AnyRun }, { Kind: TextPieceKind.Literal } end] => $"ends with {end.Text}",
            _ => $"like {pattern}",
        } + Cased(pattern.Cased);

    private static string Of(TextAnchor anchor) =>
        anchor switch
        {
            TextAnchor.Anywhere => "contains",
            TextAnchor.Start => "starts with",
            TextAnchor.End => "ends with",
            _ => "=",
        };

    private static string Cased(bool cased) => cased ? " (case matters)" : "";

    private static string Flags(FieldTest.Matches regex) =>
        (regex.IgnoreCase, regex.Multiline, regex.Singleline) is (false, false, false)
            ? ""
            : $" ({(regex.IgnoreCase ? "i" : "")}{(regex.Multiline ? "m" : "")}{(regex.Singleline ? "s" : "")})";
}

using System.Globalization;

namespace Detector.Core.Rules;

/// <summary>Puts the leaves of conditions into words.</summary>
internal static class ConditionText
{
    /// <summary>A test of a field, or of all values, such as <c>eventName = CreateUser</c>.</summary>
    public static string Of(Condition leaf) =>
        leaf switch
        {
            Condition.Field field => Of(field.Path, field.Test),
            Condition.Keyword keyword => Of("any value", keyword.Test),
            _ => throw new ArgumentException($"{leaf.GetType().Name} is no leaf of a condition", nameof(leaf)),
        };

    /// <summary>Several tests of one field, any of which suffices.</summary>
    public static string AnyOf(string path, IEnumerable<FieldTest> tests) =>
        $"{path}: any of {string.Join(", ", tests.Select(test => Of("", test)).Select(test => test.StartsWith("= ", StringComparison.Ordinal) ? test[2..] : test))}";

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

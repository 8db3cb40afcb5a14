using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.Core.Rules;
using Detector.Tests.Events.Json;

namespace Detector.Tests.Rules;

/// <summary>What a condition means, said as plainly as possible: parse everything, ask everything. The engine must agree with it.</summary>
internal static class SlowMatcher
{
    public static bool Holds(Condition condition, JsonElement record) =>
        condition switch
        {
            Condition.And and => and.Parts.All(part => Holds(part, record)),
            Condition.Or or => or.Parts.Any(part => Holds(part, record)),
            Condition.Not not => !Holds(not.Part, record),
            Condition.Keyword keyword => Scalars(record).Select(Text).OfType<string>().Any(text => Meets(keyword.Test, text)),
            Condition.Field field => Holds(field.Test, [.. SlowExtraction.Values(record, field.Path)], record),
            _ => throw new ArgumentException("no condition", nameof(condition)),
        };

    private static bool Holds(FieldTest test, JsonElement[] values, JsonElement record) =>
        test switch
        {
            FieldTest.IsNull => values.Length == 0 || values.Any(v => v.ValueKind == JsonValueKind.Null),
            FieldTest.Exists exists => values.Length > 0 == exists.Present,
            FieldTest.SameAs same => values
                .Select(Text)
                .OfType<string>()
                .Any(own => SlowExtraction.Values(record, same.OtherField).Select(Text).OfType<string>().Any(other => Compares(own, other, same))),
            _ => values.Select(Text).OfType<string>().Any(text => Meets(test, text)),
        };

    private static bool Meets(FieldTest test, string text) =>
        test switch
        {
            FieldTest.Text pattern => Meets([.. pattern.Pattern.Pieces], pattern.Pattern.Cased, text),
            FieldTest.Matches regex => Regex.IsMatch(text, regex.Pattern, RegexOptions.None, TimeSpan.FromSeconds(1)),
            FieldTest.Number number => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && Compares(number.Operator, value, number.Value),
            FieldTest.Cidr cidr => IPAddress.TryParse(text, out var address) && cidr.Network.Contains(address),
            _ => throw new ArgumentException("no test of a text", nameof(test)),
        };

    /// <summary>A wildcard pattern by trying every length that a * may have.</summary>
    private static bool Meets(ReadOnlySpan<TextPiece> pieces, bool cased, string text)
    {
        if (pieces.IsEmpty)
        {
            return text.Length == 0;
        }
        var first = pieces[0];
        var rest = pieces[1..];
        switch (first.Kind)
        {
            case TextPieceKind.Literal:
                return text.StartsWith(first.Text, Comparing(cased)) && Meets(rest, cased, text[first.Text.Length..]);
            case TextPieceKind.AnyOne:
                return text.Length > 0 && Meets(rest, cased, text[text.EnumerateRunes().First().Utf16SequenceLength..]);
            default:
                for (var length = 0; length <= text.Length; length++)
                {
                    if (Meets(rest, cased, text[length..]))
                    {
                        return true;
                    }
                }
                return false;
        }
    }

    private static bool Compares(string own, string other, FieldTest.SameAs test) =>
        test.Anchor switch
        {
            TextAnchor.Anywhere => own.Contains(other, Comparing(test.Cased)),
            TextAnchor.Start => own.StartsWith(other, Comparing(test.Cased)),
            TextAnchor.End => own.EndsWith(other, Comparing(test.Cased)),
            _ => own.Equals(other, Comparing(test.Cased)),
        };

    private static bool Compares(Comparison comparison, decimal value, decimal bound) =>
        comparison switch
        {
            Comparison.Less => value < bound,
            Comparison.LessOrEqual => value <= bound,
            Comparison.Greater => value > bound,
            Comparison.GreaterOrEqual => value >= bound,
            Comparison.Equal => value == bound,
            _ => value != bound,
        };

    private static StringComparison Comparing(bool cased) => cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>A value's text; null and arrays have none.</summary>
    private static string? Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Null or JsonValueKind.Array => null,
            JsonValueKind.Object => Compact(value),
            _ => value.GetRawText(),
        };

    private static string Compact(JsonElement value)
    {
        using var stream = new MemoryStream();
        using (
            var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
        )
        {
            value.WriteTo(writer);
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static IEnumerable<JsonElement> Scalars(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Scalars(member.Value)),
            JsonValueKind.Array => value.EnumerateArray().SelectMany(Scalars),
            _ => [value],
        };
}

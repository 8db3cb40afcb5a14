using System.Globalization;
using System.Net;
using System.Text;

namespace Detector.Core.Rules.Sigma;

/// <summary>Makes the tests that a value stands for under its modifiers; several mean any of them.</summary>
internal static class FieldTests
{
    public static FieldTest[] Of(YamlNode key, YamlScalar node, Modifiers modifiers)
    {
        var value = Yaml.Value(node);
        if (modifiers.Has("expand") && HasPlaceholder(value.Text))
        {
            throw new SigmaException(node, $"placeholder in '{value.Text}' cannot be resolved", "write the values in its place");
        }
        if (value.IsNull)
        {
            return modifiers.Test is Modifiers.Kind.Any
                ? [new FieldTest.IsNull()]
                : throw new SigmaException(node, $"null does not go with the modifiers of '{Yaml.Key(key)}'");
        }
        return modifiers.Test switch
        {
            Modifiers.Kind.Regex => [Regex(node, value, modifiers)],
            Modifiers.Kind.Number => [new FieldTest.Number(Operator(key, modifiers) ?? Comparison.Equal, Number(node, value))],
            Modifiers.Kind.Time => [Time(key, node, value, modifiers)],
            Modifiers.Kind.Cidr => [new FieldTest.Cidr(Network(node, value))],
            Modifiers.Kind.Exists => [Exists(node, value)],
            Modifiers.Kind.FieldRef => [new FieldTest.SameAs(FieldName(node, value), Anchor(key, modifiers), modifiers.Has("cased"))],
            Modifiers.Kind.Any => [new FieldTest.Text(SigmaText.Pattern(value.Text))],
            _ => Texts(key, node, value, modifiers),
        };
    }

    private static bool HasPlaceholder(string text)
    {
        var first = text.IndexOf('%', StringComparison.Ordinal);
        return first >= 0 && text.IndexOf('%', first + 1) > first + 1;
    }

    private static FieldTest.Exists Exists(YamlNode node, ScalarValue value) =>
        value.Kind == ScalarKind.Boolean || value.Text is "true" or "false"
            ? new FieldTest.Exists(value.Text == "true")
            : throw new SigmaException(node, $"exists takes true or false, not '{value.Text}'");

    private static FieldTest.Matches Regex(YamlNode node, ScalarValue value, Modifiers modifiers)
    {
        var test = new FieldTest.Matches(value.Text, modifiers.Has("i"), modifiers.Has("m"), modifiers.Has("s"));
        try
        {
            PatternRegex.Check(test);
            return test;
        }
        catch (ArgumentException e)
        {
            throw new SigmaException(node, $"not a regular expression: {e.Message}");
        }
    }

    private static decimal Number(YamlNode node, ScalarValue value) =>
        decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new SigmaException(node, $"'{value.Text}' is not a number");

    private static Comparison? Operator(YamlNode key, Modifiers modifiers) =>
        modifiers.OneOf(key, "lt", "lte", "gt", "gte") switch
        {
            "lt" => Comparison.Less,
            "lte" => Comparison.LessOrEqual,
            "gt" => Comparison.Greater,
            "gte" => Comparison.GreaterOrEqual,
            _ => null,
        };

    private static FieldTest.Time Time(YamlNode key, YamlNode node, ScalarValue value, Modifiers modifiers)
    {
        var part = modifiers.OneOf(key, "minute", "hour", "day", "week", "month", "year") switch
        {
            "minute" => TimePart.Minute,
            "hour" => TimePart.Hour,
            "day" => TimePart.Day,
            "week" => TimePart.Week,
            "month" => TimePart.Month,
            _ => TimePart.Year,
        };
        return new FieldTest.Time(part, Operator(key, modifiers) ?? Comparison.Equal, Number(node, value));
    }

    private static IPNetwork Network(YamlNode node, ScalarValue value)
    {
        var text = value.Text.Contains('/', StringComparison.Ordinal)
            ? value.Text
            : value.Text + (value.Text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (
            !IPAddress.TryParse(text[..slash], out var address)
            || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
        )
        {
            throw new SigmaException(node, $"'{value.Text}' is not a network in CIDR notation");
        }
        var bytes = address.GetAddressBytes();
        if (length > bytes.Length * 8)
        {
            throw new SigmaException(node, $"'{value.Text}' has a prefix longer than the address");
        }
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - i * 8, 0, 8);
            if ((bytes[i] & (0xFF >> kept)) != 0)
            {
                throw new SigmaException(node, $"'{value.Text}' has bits set behind its prefix", "give the network's own address");
            }
        }
        return new IPNetwork(address, length);
    }

    private static string FieldName(YamlNode node, ScalarValue value) =>
        Yaml.Path(node, SigmaText.Pattern(value.Text).Literal ?? throw new SigmaException(node, "fieldref takes a field's name without wildcards"));

    private static TextAnchor Anchor(YamlNode key, Modifiers modifiers) =>
        modifiers.OneOf(key, "contains", "startswith", "endswith") switch
        {
            "contains" => TextAnchor.Anywhere,
            "startswith" => TextAnchor.Start,
            "endswith" => TextAnchor.End,
            _ => TextAnchor.Whole,
        };

    private static FieldTest[] Texts(YamlNode key, YamlNode node, ScalarValue value, Modifiers modifiers)
    {
        var anchor = Anchor(key, modifiers);
        bool before = anchor is TextAnchor.Anywhere or TextAnchor.End,
            behind = anchor is TextAnchor.Anywhere or TextAnchor.Start;
        return Array.ConvertAll(Variants(key, node, value.Text, modifiers), FieldTest (pattern) => new FieldTest.Text(pattern.Open(before, behind)));
    }

    /// <summary>The patterns that stand for a text once it is encoded; one, unless windash or base64offset multiply it.</summary>
    private static TextPattern[] Variants(YamlNode key, YamlNode node, string text, Modifiers modifiers)
    {
        var cased = modifiers.Has("cased");
        var encoding = modifiers.OneOf(key, "wide", "utf16be", "utf16");
        var base64 = modifiers.OneOf(key, "base64", "base64offset");
        IEnumerable<string> texts = modifiers.Has("windash") ? Dashes.Variants(text) : [text];
        return encoding is null && base64 is null
            ? [.. texts.Select(plain => SigmaText.Pattern(plain, cased))]
            : [.. texts.SelectMany(plain => Encoded(node, plain, encoding, base64)).Select(encoded => TextPattern.Exactly(encoded, cased))];
    }

    private static IEnumerable<string> Encoded(YamlNode node, string text, string? encoding, string? base64)
    {
        var plain = SigmaText.Pattern(text).Literal ?? throw new SigmaException(node, $"'{text}' has a wildcard, which cannot be encoded");
        var bytes = encoding switch
        {
            "wide" => Encoding.Unicode.GetBytes(plain),
            "utf16be" => Encoding.BigEndianUnicode.GetBytes(plain),
            "utf16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(plain)],
            _ => Encoding.UTF8.GetBytes(plain),
        };
        return base64 switch
        {
            "base64" => [Convert.ToBase64String(bytes)],
            // Of a text too short nothing is certain, and nothing stands anywhere.
            "base64offset" => Base64Offsets(bytes).Where(certain => certain.Length > 0),
            _ => [Encoding.UTF8.GetString(bytes)],
        };
    }

    /// <summary>What of a text's Base64 is certain when it stands at each of the three possible offsets inside a longer text.</summary>
    private static IEnumerable<string> Base64Offsets(byte[] bytes)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. Enumerable.Repeat((byte)' ', offset), .. bytes]);
            // A character is certain if all of its six bits are the text's own.
            var first = (offset * 8 + 5) / 6;
            var last = (offset + bytes.Length) * 8 / 6;
            yield return encoded[first..last];
        }
    }
}

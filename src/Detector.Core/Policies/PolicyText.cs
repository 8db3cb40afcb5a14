using System.Globalization;
using Detector.Core.Events.Json;

namespace Detector.Core.Policies;

/// <summary>
/// Gets at the JSON object of a policy through what is wrapped around it. AWS percent-encodes documents by RFC 3986, where <c>+</c> is itself; form
/// encoding, where <c>+</c> is a space, is tried when the text makes no sense without.
/// </summary>
internal static class PolicyText
{
    /// <summary>Bytes. CloudTrail omits parameters above 100 kB, so no document that a record carries comes near.</summary>
    public const int MaxLength = 1 << 20;

    private const int MaxLayers = 6;

    public static PolicyDocument Read(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxLength)
        {
            return new PolicyDocument(PolicyFault.TooLarge);
        }
        for (var layer = 0; layer < MaxLayers; layer++)
        {
            text = Trim(text);
            if (text.IsEmpty || text.SequenceEqual("null"u8))
            {
                return new PolicyDocument(PolicyFault.Empty);
            }
            var fault = text[0] == '[' ? PolicyFault.NotAnObject : PolicyFault.NotJson;
            if (text[0] == '{')
            {
                var document = PolicyReader.Read(text);
                if (document.Fault != PolicyFault.NotJson)
                {
                    return document;
                }
            }
            else if (text[0] == '"' && JsonText.EndOfString(text, 1) == text.Length - 1)
            {
                text = JsonText.Unescape(text[1..^1]);
                continue;
            }
            if (text.Contains((byte)'%'))
            {
                text = PercentDecode(text);
            }
            else if (text.Contains((byte)'+'))
            {
                var spaced = text.ToArray();
                spaced.AsSpan().Replace((byte)'+', (byte)' ');
                text = spaced;
            }
            else
            {
                return new PolicyDocument(fault);
            }
        }
        return new PolicyDocument(PolicyFault.NotJson);
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        return text.StartsWith("\uFEFF"u8) ? text[3..].TrimStart(" \t\r\n"u8) : text;
    }

    private static byte[] PercentDecode(ReadOnlySpan<byte> text)
    {
        var buffer = new byte[text.Length];
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (
                text[at] == '%'
                && at + 2 < text.Length
                && byte.TryParse(text.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            )
            {
                buffer[length++] = value;
                at += 2;
            }
            else
            {
                buffer[length++] = text[at];
            }
        }
        return buffer[..length];
    }
}

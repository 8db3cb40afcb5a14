using System.Text;

namespace Detector.Adapters.Spills;

/// <summary>
/// Text as bytes that compare as its UTF-16 units do, whatever they are: each unit by itself in the way of UTF-8, so that most text takes a byte a letter. Only a zero
/// has a byte that is zero.
/// </summary>
/// <remarks>UTF-8 itself puts what takes two units behind all else, and cannot hold half of a pair. Unicode Technical Report 26 calls this form CESU-8.</remarks>
internal static class OrderedText
{
    /// <summary>Bytes that so many units may take.</summary>
    public static int MostBytes(int units) => units * 3;

    /// <summary>Writes a text. Returns how many bytes it takes.</summary>
    public static int Write(ReadOnlySpan<char> text, Span<byte> to)
    {
        Ascii.FromUtf16(text, to, out var length);
        foreach (int unit in text[length..])
        {
            if (unit < 0x80)
            {
                to[length++] = (byte)unit;
            }
            else
            {
                if (unit < 0x800)
                {
                    to[length++] = (byte)(0xC0 | unit >> 6);
                }
                else
                {
                    to[length++] = (byte)(0xE0 | unit >> 12);
                    to[length++] = (byte)(0x80 | unit >> 6 & 0x3F);
                }
                to[length++] = (byte)(0x80 | unit & 0x3F);
            }
        }
        return length;
    }

    /// <summary>Takes back what was written.</summary>
    public static string Read(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes))
        {
            return Encoding.ASCII.GetString(bytes);
        }
        var text = new StringBuilder(bytes.Length);
        for (var at = 0; at < bytes.Length; )
        {
            int first = bytes[at++];
            text.Append(
                (char)(
                    first < 0x80 ? first
                    : first < 0xE0 ? (first & 0x1F) << 6 | bytes[at++] & 0x3F
                    : (first & 0x0F) << 12 | (bytes[at++] & 0x3F) << 6 | bytes[at++] & 0x3F
                )
            );
        }
        return text.ToString();
    }
}

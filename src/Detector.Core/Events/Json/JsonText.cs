using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Detector.Core.Events.Json;

/// <summary>Small tools on JSON text in UTF-8.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> QuoteOrBackslash = SearchValues.Create("\"\\"u8);

    /// <summary>How records are read: deeper ones than CloudTrail writes, but not so deep that they exhaust the stack.</summary>
    public static JsonReaderOptions ReadOptions { get; } = new() { MaxDepth = 256 };

    /// <summary>Reads a text that is one JSON value; the caller disposes it.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, ReadOptions);
        return JsonDocument.ParseValue(ref reader);
    }

    /// <summary>The same of a text that stays as it is until the document is disposed of: it is neither copied, nor gone through twice.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = ReadOptions.MaxDepth });

    /// <summary>The first place at or behind <paramref name="at"/> that is no white space, or the text's length.</summary>
    public static int SkipWhiteSpace(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }
        return at;
    }

    /// <summary>The place of the quote that ends the string whose text begins at <paramref name="at"/>, or -1.</summary>
    public static int EndOfString(ReadOnlySpan<byte> json, int at)
    {
        while (true)
        {
            var next = json[at..].IndexOfAny(QuoteOrBackslash);
            if (next < 0)
            {
                return -1;
            }
            at += next;
            if (json[at] == '"')
            {
                return at;
            }
            at += 2;
            if (at > json.Length)
            {
                return -1;
            }
        }
    }

    /// <summary>Whether a text is one JSON value, whole and well formed, in valid UTF-8.</summary>
    public static bool IsValid(ReadOnlySpan<byte> json, out string reason)
    {
        reason = "";
        return PlainJson.IsSeenIn(json) || IsRead(json, out reason);
    }

    private static bool IsRead(ReadOnlySpan<byte> json, out string reason)
    {
        var reader = new Utf8JsonReader(json, ReadOptions);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    // Escapes are checked only when a string is taken: half a surrogate pair is found here.
                    reader.GetString();
                }
            }
            if (!System.Text.Unicode.Utf8.IsValid(json))
            {
                reason = "not valid UTF-8";
                return false;
            }
            reason = "";
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            reason = e.Message;
            return false;
        }
    }

    /// <summary>
    /// The text with every escape of half a surrogate pair replaced by that of U+FFFD, which is as long: all else stays where it is. Null if it has none.
    /// </summary>
    public static byte[]? WithoutHalfPairs(ReadOnlySpan<byte> json)
    {
        byte[]? whole = null;
        for (var at = 0; json[at..].IndexOf((byte)'\\') is >= 0 and var next; )
        {
            at += next;
            if (!TryUnit(json[at..], out var unit) || !char.IsSurrogate(unit))
            {
                // Not the second half of an escaped backslash.
                at = Math.Min(at + 2, json.Length);
            }
            else if (char.IsHighSurrogate(unit) && TryUnit(json[(at + 6)..], out var low) && char.IsLowSurrogate(low))
            {
                at += 12;
            }
            else
            {
                "\\ufffd"u8.CopyTo((whole ??= json.ToArray()).AsSpan(at));
                at += 6;
            }
        }
        return whole;
    }

    /// <summary>An object's text without white space and needless escapes; most trails write it so already.</summary>
    public static ReadOnlySpan<byte> Compact(ReadOnlySpan<byte> json)
    {
        if (IsCompact(json))
        {
            return json;
        }
        try
        {
            var reader = new Utf8JsonReader(json, ReadOptions);
            using var document = JsonDocument.ParseValue(ref reader);
            var buffer = new ArrayBufferWriter<byte>(json.Length);
            using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                document.RootElement.WriteTo(writer);
            }
            return buffer.WrittenSpan;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or half a surrogate pair.
            return json;
        }
    }

    private static bool IsCompact(ReadOnlySpan<byte> json)
    {
        for (var at = 0; at < json.Length; at++)
        {
            switch (json[at])
            {
                case (byte)'"':
                    var end = EndOfString(json, at + 1);
                    if (end < 0 || HasNeedlessEscape(json[(at + 1)..end]))
                    {
                        return false;
                    }
                    at = end;
                    break;
                case (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t':
                    return false;
            }
        }
        return true;
    }

    private static bool HasNeedlessEscape(ReadOnlySpan<byte> escaped) => escaped.IndexOf("\\u"u8) >= 0 || escaped.IndexOf("\\/"u8) >= 0;

    /// <summary>The text of a string's inside, escapes resolved. What is no valid escape stays as it is.</summary>
    public static byte[] Unescape(ReadOnlySpan<byte> escaped)
    {
        var buffer = new byte[escaped.Length];
        return buffer[..Unescape(escaped, buffer)];
    }

    /// <summary>Resolves escapes into a buffer of at least the same length, which always suffices; returns the length.</summary>
    public static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> into)
    {
        var length = 0;
        while (true)
        {
            var plain = escaped.IndexOf((byte)'\\');
            if (plain < 0 || plain == escaped.Length - 1)
            {
                escaped.CopyTo(into[length..]);
                return length + escaped.Length;
            }
            escaped[..plain].CopyTo(into[length..]);
            length += plain;
            escaped = escaped[plain..];
            length += UnescapeOne(ref escaped, into[length..]);
        }
    }

    private static int UnescapeOne(ref ReadOnlySpan<byte> escaped, Span<byte> into)
    {
        var letter = escaped[1];
        var plain = letter switch
        {
            (byte)'"' or (byte)'\\' or (byte)'/' => letter,
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            _ => (byte)0,
        };
        if (plain != 0)
        {
            into[0] = plain;
            escaped = escaped[2..];
            return 1;
        }
        if (letter != 'u' || !TryUnit(escaped, out var unit))
        {
            into[0] = (byte)'\\';
            escaped = escaped[1..];
            return 1;
        }
        escaped = escaped[6..];
        if (char.IsHighSurrogate(unit) && TryUnit(escaped, out var low) && char.IsLowSurrogate(low))
        {
            escaped = escaped[6..];
            return new Rune(unit, low).EncodeToUtf8(into);
        }
        return (Rune.TryCreate(unit, out var rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(into);
    }

    internal static bool TryUnit(ReadOnlySpan<byte> escaped, out char unit)
    {
        unit = '\0';
        if (escaped.Length < 6 || escaped[0] != '\\' || escaped[1] != 'u')
        {
            return false;
        }
        // Not ushort.TryParse, which takes zero bytes behind a number for its end.
        if (!Utf8Parser.TryParse(escaped.Slice(2, 4), out ushort value, out var length, 'x') || length != 4)
        {
            return false;
        }
        unit = (char)value;
        return true;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace Detector.Core.Events.Json;

/// <summary>
/// Sees that a text is well formed, in a fraction of the time of a reader that hands out its parts. What is wrong and what is only unusual it does not tell
/// apart: that is for such a reader.
/// </summary>
/// <remarks>RFC 8259.</remarks>
internal static class PlainJson
{
    private const int MostDepth = 64;

    /// <summary>In place of where something ends. Nothing is at such a place, nor behind it.</summary>
    private const int NotSeen = -1;

    /// <summary>Whether a text is seen to be one JSON value, whole and well formed, in valid UTF-8. If not, it may be one all the same.</summary>
    public static bool IsSeenIn(ReadOnlySpan<byte> json) => Next(json, EndOfValue(json, Next(json, 0), 0)) == json.Length && Utf8.IsValid(json);

    private static int EndOfValue(ReadOnlySpan<byte> json, int at, int depth)
    {
        if ((uint)at >= (uint)json.Length)
        {
            return NotSeen;
        }
        return json[at] switch
        {
            (byte)'"' => EndOfString(json, at + 1),
            (byte)'{' when depth < MostDepth => EndOfObject(json, at + 1, depth + 1),
            (byte)'[' when depth < MostDepth => EndOfArray(json, at + 1, depth + 1),
            (byte)'t' => EndOfWord(json, at, "true"u8),
            (byte)'f' => EndOfWord(json, at, "false"u8),
            (byte)'n' => EndOfWord(json, at, "null"u8),
            _ => EndOfNumber(json, at),
        };
    }

    private static int EndOfObject(ReadOnlySpan<byte> json, int at, int depth)
    {
        at = Next(json, at);
        if (Is(json, at, '}'))
        {
            return at + 1;
        }
        while (Is(json, at, '"'))
        {
            at = Next(json, EndOfString(json, at + 1));
            if (!Is(json, at, ':'))
            {
                return NotSeen;
            }
            at = Next(json, EndOfValue(json, Next(json, at + 1), depth));
            if (!Is(json, at, ','))
            {
                return Is(json, at, '}') ? at + 1 : NotSeen;
            }
            at = Next(json, at + 1);
        }
        return NotSeen;
    }

    private static int EndOfArray(ReadOnlySpan<byte> json, int at, int depth)
    {
        at = Next(json, at);
        if (Is(json, at, ']'))
        {
            return at + 1;
        }
        while (true)
        {
            at = Next(json, EndOfValue(json, at, depth));
            if (!Is(json, at, ','))
            {
                return Is(json, at, ']') ? at + 1 : NotSeen;
            }
            at = Next(json, at + 1);
        }
    }

    private static int EndOfString(ReadOnlySpan<byte> json, int at)
    {
        while (true)
        {
            at = Special(json, at);
            if (Is(json, at, '"'))
            {
                return at + 1;
            }
            var escape = Is(json, at, '\\') ? LengthOfEscape(json[at..]) : 0;
            if (escape == 0)
            {
                return NotSeen;
            }
            at += escape;
        }
    }

    /// <summary>The first place in a string of a byte that does not stand for itself, or the text's length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Special(ReadOnlySpan<byte> json, int at)
    {
        for (; at <= json.Length - Vector256<byte>.Count; at += Vector256<byte>.Count)
        {
            var bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(json), (nuint)at);
            var special =
                Vector256.Equals(bytes, Vector256.Create((byte)'"'))
                | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
                | Vector256.LessThan(bytes, Vector256.Create((byte)' '));
            var bits = special.ExtractMostSignificantBits();
            if (bits != 0)
            {
                return at + BitOperations.TrailingZeroCount(bits);
            }
        }
        while (at < json.Length && json[at] is not ((byte)'"' or (byte)'\\' or < (byte)' '))
        {
            at++;
        }
        return at;
    }

    /// <summary>The length of the escape at the beginning; 0 if it is none, or one of a surrogate pair, which takes two to be right.</summary>
    private static int LengthOfEscape(ReadOnlySpan<byte> escape) =>
        escape.Length > 1 && escape[1] is (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' ? 2
        : JsonText.TryUnit(escape, out var unit) && !char.IsSurrogate(unit) ? 6
        : 0;

    private static int EndOfWord(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> word) => json[at..].StartsWith(word) ? at + word.Length : NotSeen;

    private static int EndOfNumber(ReadOnlySpan<byte> json, int at)
    {
        at += Is(json, at, '-') ? 1 : 0;
        at = Is(json, at, '0') ? at + 1 : EndOfDigits(json, at);
        if (Is(json, at, '.'))
        {
            at = EndOfDigits(json, at + 1);
        }
        if (Is(json, at, 'e') || Is(json, at, 'E'))
        {
            at += Is(json, at + 1, '+') || Is(json, at + 1, '-') ? 2 : 1;
            at = EndOfDigits(json, at);
        }
        return at;
    }

    /// <summary>Behind one digit or more.</summary>
    private static int EndOfDigits(ReadOnlySpan<byte> json, int at)
    {
        var end = at;
        while (end < json.Length && char.IsAsciiDigit((char)json[end]))
        {
            end++;
        }
        return end > at ? end : NotSeen;
    }

    /// <summary>The first place that is no white space, there or behind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(ReadOnlySpan<byte> json, int at) => (uint)at < (uint)json.Length && json[at] <= ' ' ? JsonText.SkipWhiteSpace(json, at) : at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Is(ReadOnlySpan<byte> json, int at, char wanted) => (uint)at < (uint)json.Length && json[at] == wanted;
}

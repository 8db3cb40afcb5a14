using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace Detector.Core.Events.Json;

/// <summary>
/// Sees that a text is well formed, in a fraction of the time of a reader that hands out its parts. What is wrong and what is only unusual it does not tell
/// apart: that is for such a reader.
/// </summary>
/// <remarks>RFC 8259.</remarks>
internal ref struct PlainJson
{
    private const int MostDepth = 64;

    private readonly ReadOnlySpan<byte> _json;
    private int _at;

    private PlainJson(ReadOnlySpan<byte> json) => _json = json;

    /// <summary>Whether a text is seen to be one JSON value, whole and well formed, in valid UTF-8. If not, it may be one all the same.</summary>
    public static bool IsSeenIn(ReadOnlySpan<byte> json)
    {
        var text = new PlainJson(json);
        return text.Value(0) && text.Next() == 0 && text._at == json.Length && Utf8.IsValid(json);
    }

    /// <summary>The first byte that is no white space, here or behind; 0 at the end.</summary>
    private byte Next()
    {
        for (; _at < _json.Length; _at++)
        {
            if (_json[_at] is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                return _json[_at];
            }
        }
        return 0;
    }

    private bool Value(int depth) =>
        Next() switch
        {
            (byte)'"' => String(),
            (byte)'{' => depth < MostDepth && Members(depth + 1),
            (byte)'[' => depth < MostDepth && Elements(depth + 1),
            (byte)'t' => Word("true"u8),
            (byte)'f' => Word("false"u8),
            (byte)'n' => Word("null"u8),
            _ => Number(),
        };

    private bool Members(int depth)
    {
        _at++;
        if (Take((byte)'}'))
        {
            return true;
        }
        while (Next() == '"' && String() && Take((byte)':') && Value(depth))
        {
            if (!Take((byte)','))
            {
                return Take((byte)'}');
            }
        }
        return false;
    }

    private bool Elements(int depth)
    {
        _at++;
        if (Take((byte)']'))
        {
            return true;
        }
        while (Value(depth))
        {
            if (!Take((byte)','))
            {
                return Take((byte)']');
            }
        }
        return false;
    }

    /// <summary>Goes behind a byte, if it is the next.</summary>
    private bool Take(byte wanted)
    {
        var isNext = Next() == wanted;
        _at += isNext ? 1 : 0;
        return isNext;
    }

    private bool Word(ReadOnlySpan<byte> word)
    {
        var isHere = _json[_at..].StartsWith(word);
        _at += word.Length;
        return isHere;
    }

    private bool String()
    {
        _at++;
        while (Plain())
        {
            switch (_json[_at])
            {
                case (byte)'"':
                    _at++;
                    return true;
                case (byte)'\\' when Escape() is > 0 and var length:
                    _at += length;
                    break;
                default:
                    return false;
            }
        }
        return false;
    }

    /// <summary>Goes to the first byte of a string's that does not stand for itself; false if there is none.</summary>
    private bool Plain()
    {
        for (; _at <= _json.Length - Vector256<byte>.Count; _at += Vector256<byte>.Count)
        {
            var bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(_json), (nuint)_at);
            var special =
                Vector256.Equals(bytes, Vector256.Create((byte)'"'))
                | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
                | Vector256.LessThan(bytes, Vector256.Create((byte)' '));
            if (special != Vector256<byte>.Zero)
            {
                _at += BitOperations.TrailingZeroCount(special.ExtractMostSignificantBits());
                return true;
            }
        }
        for (; _at < _json.Length; _at++)
        {
            if (_json[_at] is (byte)'"' or (byte)'\\' or < (byte)' ')
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The length of the escape that begins here; 0 if it is none, or one of a surrogate pair, which takes two to be right.</summary>
    private readonly int Escape() =>
        At(_at + 1) is (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' ? 2
        : JsonText.TryUnit(_json[_at..], out var unit) && !char.IsSurrogate(unit) ? 6
        : 0;

    private bool Number()
    {
        _at += At(_at) == '-' ? 1 : 0;
        if (At(_at) == '0')
        {
            _at++;
        }
        else if (!Digits())
        {
            return false;
        }
        if (At(_at) == '.')
        {
            _at++;
            if (!Digits())
            {
                return false;
            }
        }
        if (At(_at) is (byte)'e' or (byte)'E')
        {
            _at += At(_at + 1) is (byte)'+' or (byte)'-' ? 2 : 1;
            return Digits();
        }
        return true;
    }

    private bool Digits()
    {
        var first = _at;
        while (At(_at) is >= (byte)'0' and <= (byte)'9')
        {
            _at++;
        }
        return _at > first;
    }

    private readonly byte At(int at) => at < _json.Length ? _json[at] : (byte)0;
}

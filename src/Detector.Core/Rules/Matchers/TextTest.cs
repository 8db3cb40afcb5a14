using System.Text;

namespace Detector.Core.Rules.Matchers;

/// <summary>Tests of a value's text against a pattern: on bytes where that is exact, on characters where it is not.</summary>
internal static class TextTest
{
    public static ValueTest From(TextPattern pattern)
    {
        var literalsAreAscii = pattern.Pieces.All(p => Ascii.IsValid(p.Text));
        // Bytes suffice for cased text, because UTF-8 never takes one character for part of another, and for ASCII without case. A ? is one
        // character, which may be several bytes.
        return pattern.Pieces.All(p => p.Kind != TextPieceKind.AnyOne) && (pattern.Cased || literalsAreAscii) ? new ByteTest(pattern) : new RuneTest(pattern);
    }

    /// <summary>Literals with runs of anything between them.</summary>
    private sealed class ByteTest : ValueTest
    {
        private readonly byte[][] _literals;
        private readonly bool _cased;
        private readonly bool _openStart;
        private readonly bool _openEnd;

        public ByteTest(TextPattern pattern)
        {
            _literals = [.. pattern.Pieces.Where(p => p.Kind == TextPieceKind.Literal).Select(p => Encoding.UTF8.GetBytes(p.Text))];
            _cased = pattern.Cased;
            _openStart = pattern.Pieces is [{ Kind: TextPieceKind.AnyRun }, ..];
            _openEnd = pattern.Pieces is [.., { Kind: TextPieceKind.AnyRun }];
        }

        public override bool Meets(ReadOnlySpan<byte> text)
        {
            if (_literals.Length == 0)
            {
                return _openStart || text.IsEmpty;
            }
            var first = 0;
            var last = _literals.Length;
            if (!_openStart && !_openEnd && last == 1)
            {
                return Same(text, _literals[0]);
            }
            if (!_openStart)
            {
                var head = _literals[first++];
                if (text.Length < head.Length || !Same(text[..head.Length], head))
                {
                    return false;
                }
                text = text[head.Length..];
            }
            if (!_openEnd)
            {
                var tail = _literals[--last];
                if (text.Length < tail.Length || !Same(text[^tail.Length..], tail))
                {
                    return false;
                }
                text = text[..^tail.Length];
            }
            // The leftmost place for each literal leaves the most room for the rest.
            for (; first < last; first++)
            {
                var at = IndexOf(text, _literals[first]);
                if (at < 0)
                {
                    return false;
                }
                text = text[(at + _literals[first].Length)..];
            }
            return true;
        }

        private bool Same(ReadOnlySpan<byte> text, ReadOnlySpan<byte> literal) =>
            _cased ? text.SequenceEqual(literal) : text.Length == literal.Length && Ascii.EqualsIgnoreCase(literal, text);

        private int IndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> literal)
        {
            if (_cased)
            {
                return text.IndexOf(literal);
            }
            byte lower = Lower(literal[0]),
                upper = Upper(literal[0]);
            for (var from = 0; text.Length - from >= literal.Length; from++)
            {
                var next = text[from..^(literal.Length - 1)].IndexOfAny(lower, upper);
                if (next < 0)
                {
                    return -1;
                }
                from += next;
                if (Ascii.EqualsIgnoreCase(text.Slice(from, literal.Length), literal))
                {
                    return from;
                }
            }
            return -1;
        }

        private static byte Lower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;

        private static byte Upper(byte b) => b is >= (byte)'a' and <= (byte)'z' ? (byte)(b & ~0x20) : b;
    }

    /// <summary>Any pattern, character by character.</summary>
    private sealed class RuneTest : ValueTest
    {
        private const int AnyOne = -1;
        private const int AnyRun = -2;

        private readonly int[] _pattern;
        private readonly bool _cased;

        public RuneTest(TextPattern pattern)
        {
            _cased = pattern.Cased;
            _pattern =
            [
                .. pattern.Pieces.SelectMany(p =>
                    p.Kind switch
                    {
                        TextPieceKind.AnyOne => [AnyOne],
                        TextPieceKind.AnyRun => [AnyRun],
                        _ => p.Text.EnumerateRunes().Select(Fold),
                    }
                ),
            ];
        }

        public override bool Meets(ReadOnlySpan<byte> text)
        {
            var runes = new List<int>(text.Length);
            while (!text.IsEmpty)
            {
                Rune.DecodeFromUtf8(text, out var rune, out var length);
                runes.Add(Fold(rune));
                text = text[length..];
            }
            // On a mismatch the last * takes one character more.
            int at = 0,
                p = 0,
                star = -1,
                retry = 0;
            while (at < runes.Count)
            {
                if (p < _pattern.Length && _pattern[p] == AnyRun)
                {
                    star = p++;
                    retry = at;
                }
                else if (p < _pattern.Length && (_pattern[p] == AnyOne || _pattern[p] == runes[at]))
                {
                    p++;
                    at++;
                }
                else if (star >= 0)
                {
                    p = star + 1;
                    at = ++retry;
                }
                else
                {
                    return false;
                }
            }
            while (p < _pattern.Length && _pattern[p] == AnyRun)
            {
                p++;
            }
            return p == _pattern.Length;
        }

        private int Fold(Rune rune) => _cased ? rune.Value : Rune.ToUpperInvariant(rune).Value;
    }
}

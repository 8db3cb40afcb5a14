using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Detector.Core.Events.Json;

/// <summary>
/// 64 bytes of JSON as bitmaps, one bit a byte. Made block after block over one text, because whether a byte stands inside a string depends
/// on the blocks before it.
/// </summary>
internal struct JsonBlock
{
    /// <summary>Bytes in a block.</summary>
    public const int Size = 64;

    /// <summary>Quotes that begin or end strings.</summary>
    public ulong Quotes;

    /// <summary>Whether any of the bytes is a backslash.</summary>
    public bool HasBackslash;

    /// <summary><c>{</c> and <c>[</c> outside strings.</summary>
    public ulong Opens;

    /// <summary><c>}</c> and <c>]</c> outside strings.</summary>
    public ulong Closes;

    /// <summary><c>:</c> outside strings.</summary>
    public ulong Colons;

    /// <summary><c>,</c> outside strings.</summary>
    public ulong Commas;

    private ulong _endsInString; // all ones if the block ends inside a string
    private ulong _endsInEscape; // 1 if the next block's first byte is escaped

    /// <summary>Moves on to the 64 bytes at <paramref name="at"/>; what lies beyond the text's end counts as white space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(ReadOnlySpan<byte> json, int at)
    {
        if (json.Length - at >= Size)
        {
            Classify(ref Unsafe.Add(ref MemoryMarshal.GetReference(json), at));
        }
        else
        {
            LoadLast(json[at..]);
        }
    }

    private void LoadLast(ReadOnlySpan<byte> rest)
    {
        Span<byte> padded = stackalloc byte[Size];
        padded.Fill((byte)' ');
        rest.CopyTo(padded);
        Classify(ref MemoryMarshal.GetReference(padded));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Classify(ref byte bytes)
    {
        ulong backslashes;
        if (Avx512BW.IsSupported)
        {
            var v = Unsafe.ReadUnaligned<Vector512<byte>>(ref bytes);
            // { and [, } and ] differ in one bit only.
            var folded = Avx512F.Or(v, Vector512.Create((byte)0x20));
            Quotes = Bits(v, (byte)'"');
            backslashes = Bits(v, (byte)'\\');
            Opens = Bits(folded, (byte)'{');
            Closes = Bits(folded, (byte)'}');
            Colons = Bits(v, (byte)':');
            Commas = Bits(v, (byte)',');
        }
        else if (Avx2.IsSupported)
        {
            var low = Unsafe.ReadUnaligned<Vector256<byte>>(ref bytes);
            var high = Unsafe.ReadUnaligned<Vector256<byte>>(ref Unsafe.Add(ref bytes, 32));
            var fold = Vector256.Create((byte)0x20);
            var lowFolded = Avx2.Or(low, fold);
            var highFolded = Avx2.Or(high, fold);
            Quotes = Bits(low, high, (byte)'"');
            backslashes = Bits(low, high, (byte)'\\');
            Opens = Bits(lowFolded, highFolded, (byte)'{');
            Closes = Bits(lowFolded, highFolded, (byte)'}');
            Colons = Bits(low, high, (byte)':');
            Commas = Bits(low, high, (byte)',');
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            backslashes = ClassifyQuarters(ref bytes);
        }
        else
        {
            backslashes = ClassifyBytes(ref bytes);
        }
        LeaveStrings(backslashes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(Vector512<byte> v, byte wanted) => (ulong)Avx512BW.MoveMask(Avx512BW.CompareEqual(v, Vector512.Create(wanted)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(Vector256<byte> low, Vector256<byte> high, byte wanted) =>
        (uint)Avx2.MoveMask(Avx2.CompareEqual(low, Vector256.Create(wanted)))
        | ((ulong)(uint)Avx2.MoveMask(Avx2.CompareEqual(high, Vector256.Create(wanted))) << 32);

    /// <summary>The same by 16 bytes at a time, for ARM and old processors; returns the backslashes.</summary>
    internal ulong ClassifyQuarters(ref byte bytes)
    {
        ulong backslashes = 0;
        Quotes = Opens = Closes = Colons = Commas = 0;
        for (var at = 0; at < Size; at += Vector128<byte>.Count)
        {
            var v = Unsafe.ReadUnaligned<Vector128<byte>>(ref Unsafe.Add(ref bytes, at));
            var folded = v | Vector128.Create((byte)0x20);
            Quotes |= Bits(v, (byte)'"') << at;
            backslashes |= Bits(v, (byte)'\\') << at;
            Opens |= Bits(folded, (byte)'{') << at;
            Closes |= Bits(folded, (byte)'}') << at;
            Colons |= Bits(v, (byte)':') << at;
            Commas |= Bits(v, (byte)',') << at;
        }
        return backslashes;
    }

    private static ulong Bits(Vector128<byte> v, byte wanted) => Vector128.Equals(v, Vector128.Create(wanted)).ExtractMostSignificantBits();

    /// <summary>The same without vectors, for machines that have none; returns the backslashes.</summary>
    internal ulong ClassifyBytes(ref byte bytes)
    {
        ulong backslashes = 0;
        Quotes = Opens = Closes = Colons = Commas = 0;
        for (var i = 0; i < Size; i++)
        {
            var bit = 1UL << i;
            switch (Unsafe.Add(ref bytes, i))
            {
                case (byte)'"':
                    Quotes |= bit;
                    break;
                case (byte)'\\':
                    backslashes |= bit;
                    break;
                case (byte)'{' or (byte)'[':
                    Opens |= bit;
                    break;
                case (byte)'}' or (byte)']':
                    Closes |= bit;
                    break;
                case (byte)':':
                    Colons |= bit;
                    break;
                case (byte)',':
                    Commas |= bit;
                    break;
            }
        }
        return backslashes;
    }

    /// <summary>Takes escaped quotes from the quotes, and everything inside strings from the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LeaveStrings(ulong backslashes)
    {
        HasBackslash = backslashes != 0;
        if ((backslashes | _endsInEscape) != 0)
        {
            Quotes &= ~Escaped(backslashes);
        }
        // The running XOR of the quotes is 1 from each opening quote to just before its closing quote.
        var inString = PrefixXor(Quotes) ^ _endsInString;
        _endsInString = (ulong)((long)inString >> 63);
        Opens &= ~inString;
        Closes &= ~inString;
        Colons &= ~inString;
        Commas &= ~inString;
    }

    /// <summary>
    /// Bytes that an odd run of backslashes escapes. Adding the runs' starts to the runs themselves carries each run's parity to the byte behind it
    /// (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019, section 3.1.1).
    /// </summary>
    private ulong Escaped(ulong backslashes)
    {
        const ulong evenBits = 0x5555555555555555UL;
        backslashes &= ~_endsInEscape;
        var followsEscape = (backslashes << 1) | _endsInEscape;
        var oddStarts = backslashes & ~evenBits & ~followsEscape;
        var carried = oddStarts + backslashes;
        _endsInEscape = carried < backslashes ? 1UL : 0UL;
        return (evenBits ^ (carried << 1)) & followsEscape;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong PrefixXor(ulong bits) =>
        Pclmulqdq.IsSupported ? Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar() : PrefixXorByShifts(bits);

    /// <summary>The same for machines without a carry-less multiplication.</summary>
    internal static ulong PrefixXorByShifts(ulong bits)
    {
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        bits ^= bits << 32;
        return bits;
    }
}

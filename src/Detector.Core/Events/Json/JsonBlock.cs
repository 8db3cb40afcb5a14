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

    private ulong _strings; // what stands inside strings, their opening quotes with it
    private ulong _endsInEscape; // 1 if the next block's first byte is escaped

    /// <summary>The 64 bytes at a place of a text; what lies beyond its end counts as white space.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">The place.</param>
    /// <param name="spare">Room for the text's last bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte At(ReadOnlySpan<byte> json, int at, Span<byte> spare) =>
        ref json.Length - at >= Size ? ref Unsafe.Add(ref MemoryMarshal.GetReference(json), at) : ref Last(json[at..], spare);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ref byte Last(ReadOnlySpan<byte> rest, Span<byte> spare)
    {
        spare.Fill((byte)' ');
        rest.CopyTo(spare);
        return ref MemoryMarshal.GetReference(spare);
    }

    /// <summary>Moves on to the next 64 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(ref byte bytes)
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

    /// <summary>Where a byte stands outside strings: not every block is asked for colons, and few for commas.</summary>
    /// <param name="bytes">The bytes that were loaded.</param>
    /// <param name="wanted">The byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Outside(ref byte bytes, byte wanted)
    {
        var bits =
            Avx512BW.IsSupported ? Bits(Unsafe.ReadUnaligned<Vector512<byte>>(ref bytes), wanted)
            : Avx2.IsSupported
                ? Bits(Unsafe.ReadUnaligned<Vector256<byte>>(ref bytes), Unsafe.ReadUnaligned<Vector256<byte>>(ref Unsafe.Add(ref bytes, 32)), wanted)
            : Vector128.IsHardwareAccelerated ? BitsByQuarters(ref bytes, wanted)
            : BitsByBytes(ref bytes, wanted);
        return bits & ~_strings;
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
        Quotes = BitsByQuarters(ref bytes, (byte)'"');
        Opens = BitsByQuarters(ref bytes, (byte)'{') | BitsByQuarters(ref bytes, (byte)'[');
        Closes = BitsByQuarters(ref bytes, (byte)'}') | BitsByQuarters(ref bytes, (byte)']');
        return BitsByQuarters(ref bytes, (byte)'\\');
    }

    internal static ulong BitsByQuarters(ref byte bytes, byte wanted)
    {
        ulong bits = 0;
        for (var at = 0; at < Size; at += Vector128<byte>.Count)
        {
            var v = Unsafe.ReadUnaligned<Vector128<byte>>(ref Unsafe.Add(ref bytes, at));
            bits |= (ulong)Vector128.Equals(v, Vector128.Create(wanted)).ExtractMostSignificantBits() << at;
        }
        return bits;
    }

    /// <summary>The same without vectors, for machines that have none; returns the backslashes.</summary>
    internal ulong ClassifyBytes(ref byte bytes)
    {
        Quotes = BitsByBytes(ref bytes, (byte)'"');
        Opens = BitsByBytes(ref bytes, (byte)'{') | BitsByBytes(ref bytes, (byte)'[');
        Closes = BitsByBytes(ref bytes, (byte)'}') | BitsByBytes(ref bytes, (byte)']');
        return BitsByBytes(ref bytes, (byte)'\\');
    }

    internal static ulong BitsByBytes(ref byte bytes, byte wanted)
    {
        ulong bits = 0;
        for (var i = 0; i < Size; i++)
        {
            bits |= Unsafe.Add(ref bytes, i) == wanted ? 1UL << i : 0;
        }
        return bits;
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
        // The running XOR of the quotes is 1 from each opening quote to just before its closing quote; the block before may end inside a string.
        _strings = PrefixXor(Quotes) ^ (ulong)((long)_strings >> 63);
        Opens &= ~_strings;
        Closes &= ~_strings;
    }

    /// <summary>
    /// Bytes that an odd run of backslashes escapes. Adding the runs' starts to the runs themselves carries each run's parity to the byte behind it
    /// (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019, section 3.1.1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // A call would keep the block out of registers.
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

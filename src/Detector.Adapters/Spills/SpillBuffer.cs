using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Detector.Adapters.Spills;

/// <summary>
/// Bytes of things, one behind the other, in memory that is used again. What is added as ordered compares as bytes the way it compares as a value.
/// </summary>
/// <param name="room">Bytes of memory to begin with.</param>
internal sealed class SpillBuffer(int room)
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(room);

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>All of them.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets all.</summary>
    public void Clear() => Length = 0;

    /// <summary>Room behind what is there, to be filled.</summary>
    public Span<byte> Add(int length)
    {
        if (_bytes.Length - Length < length)
        {
            var larger = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)(Length + length)));
            Written.CopyTo(larger);
            _bytes = larger;
        }
        Length += length;
        return _bytes.AsSpan(Length - length, length);
    }

    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Add(bytes.Length));

    public void AddNumber(int number) => BinaryPrimitives.WriteInt32LittleEndian(Add(sizeof(int)), number);

    public void AddText(string? text)
    {
        var length = text is null ? -1 : Encoding.UTF8.GetByteCount(text);
        AddNumber(length);
        if (length > 0)
            Encoding.UTF8.GetBytes(text, Add(length));
    }

    /// <summary>A number that is not negative.</summary>
    public void AddOrdered(int number) => BinaryPrimitives.WriteInt32BigEndian(Add(sizeof(int)), number);

    /// <summary>No time comes first.</summary>
    public void AddOrdered(DateTimeOffset? time) => BinaryPrimitives.WriteInt64BigEndian(Add(sizeof(long)), time is { } at ? at.UtcTicks + 1 : 0);

    /// <summary>In ordinal order; the text holds no zero.</summary>
    public void AddOrdered(string text)
    {
        var units = MemoryMarshal.Cast<byte, ushort>(Add((text.Length + 1) * sizeof(ushort)));
        SpillBytes.Copy(MemoryMarshal.Cast<char, ushort>(text), units);
        units[^1] = 0;
    }
}

/// <summary>Takes back what was added to a <see cref="SpillBuffer"/>, in the same order.</summary>
internal ref struct SpillBytes(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public int TakeNumber() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public string? TakeText() => TakeNumber() is >= 0 and var length ? Encoding.UTF8.GetString(Take(length)) : null;

    public int TakeOrderedNumber() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public DateTimeOffset? TakeOrderedTime() =>
        BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long))) is > 0 and var ticks ? new DateTimeOffset(ticks - 1, TimeSpan.Zero) : null;

    public string TakeOrderedText()
    {
        var units = MemoryMarshal.Cast<byte, ushort>(_rest);
        units = units[..units.IndexOf((ushort)0)];
        _rest = _rest[((units.Length + 1) * sizeof(ushort))..];
        return string.Create(units.Length, units, static (text, units) => Copy(units, MemoryMarshal.Cast<char, ushort>(text)));
    }

    /// <summary>From the machine's order of bytes to the sorted one, or back.</summary>
    internal static void Copy(ReadOnlySpan<ushort> units, Span<ushort> to)
    {
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(units, to);
        else
            units.CopyTo(to);
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}

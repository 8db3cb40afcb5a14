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

    /// <summary>A place in a file.</summary>
    public void AddPlace(long place) => BinaryPrimitives.WriteInt64LittleEndian(Add(sizeof(long)), place);

    /// <summary>Numbers, in the machine's own way.</summary>
    public void AddNumbers(ReadOnlySpan<int> numbers) => Add(MemoryMarshal.AsBytes(numbers));

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
        var bytes = Add(OrderedText.MostBytes(text.Length) + 1);
        var length = OrderedText.Write(text, bytes);
        bytes[length] = 0;
        Length -= bytes.Length - (length + 1);
    }
}

/// <summary>Takes back what was added to a <see cref="SpillBuffer"/>, in the same order.</summary>
internal ref struct SpillBytes(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public int TakeNumber() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long TakePlace() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public ReadOnlySpan<int> TakeNumbers(int count) => MemoryMarshal.Cast<byte, int>(Take(count * sizeof(int)));

    public string? TakeText() => TakeNumber() is >= 0 and var length ? Encoding.UTF8.GetString(Take(length)) : null;

    public int TakeOrderedNumber() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public DateTimeOffset? TakeOrderedTime() =>
        BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long))) is > 0 and var ticks ? new DateTimeOffset(ticks - 1, TimeSpan.Zero) : null;

    public string TakeOrderedText() => OrderedText.Read(TakeOrderedBytes());

    /// <summary>The bytes of a text that was added in order; equal texts have equal ones.</summary>
    public ReadOnlySpan<byte> TakeOrderedBytes()
    {
        var text = Take(_rest.IndexOf((byte)0));
        Take(1);
        return text;
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}

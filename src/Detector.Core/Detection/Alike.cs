using System.Buffers.Binary;

namespace Detector.Core.Detection;

/// <summary>
/// Remembers by a few texts what was worked out of them, because records that follow each other are much alike. For one thread. Every list of texts has one
/// place, and what came there last stays, so memory is bounded whatever callers choose, and to make them fall together only takes time.
/// </summary>
internal sealed class Alike<T>
    where T : class
{
    private const int Places = 1024;
    private const int MostText = 512;

    private readonly (byte[]? Texts, T? Known)[] _places = new (byte[]?, T?)[Places];
    private readonly byte[] _asked = new byte[MostText];
    private T? _spare;

    /// <summary>What is known by the texts; null if nothing is, for the caller to set.</summary>
    public ref T? By(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, ReadOnlySpan<byte> fourth = default)
    {
        var length = 0;
        if (!(Put(first, ref length) && Put(second, ref length) && Put(third, ref length) && Put(fourth, ref length)))
        {
            _spare = null;
            return ref _spare;
        }
        var texts = _asked.AsSpan(0, length);
        ref var place = ref _places[(uint)GroupKey.Hash(texts) % Places];
        if (!texts.SequenceEqual(place.Texts))
            place = (texts.ToArray(), null);
        return ref place.Known;
    }

    /// <summary>Each text behind its length, so that no two lists are one.</summary>
    private bool Put(ReadOnlySpan<byte> text, ref int length)
    {
        if (text.Length > MostText - sizeof(ushort) - length)
            return false;
        BinaryPrimitives.WriteUInt16LittleEndian(_asked.AsSpan(length), (ushort)text.Length);
        length += sizeof(ushort);
        text.CopyTo(_asked.AsSpan(length));
        length += text.Length;
        return true;
    }
}

using System.Buffers.Binary;

namespace Detector.Core.Detection.Surveys;

/// <summary>
/// Remembers by a few texts what was worked out of them, because records that follow each other are much alike. For one thread. Every list of texts has one
/// place, and what came there last stays, so memory is bounded whatever callers choose, and to make them fall together only takes time.
/// </summary>
internal sealed class Alike<T>
    where T : struct
{
    private const int Places = 1024;
    private const int MostText = 192;

    // In few large arrays, with which the garbage collector has nothing to do.
    private readonly byte[] _texts = new byte[Places * MostText];
    private readonly int[] _lengths = new int[Places];
    private readonly T[] _known = new T[Places];
    private readonly byte[] _asked = new byte[MostText];
    private T _spare;

    /// <summary>The place of what is worked out of five texts; if it is not known yet, the caller sets it.</summary>
    public ref T By(
        ReadOnlySpan<byte> first,
        ReadOnlySpan<byte> second,
        ReadOnlySpan<byte> third,
        ReadOnlySpan<byte> fourth,
        ReadOnlySpan<byte> fifth,
        out bool isKnown
    )
    {
        isKnown = false;
        var length = 0;
        if (!(Put(first, ref length) && Put(second, ref length) && Put(third, ref length) && Put(fourth, ref length) && Put(fifth, ref length)))
            return ref _spare;
        var asked = _asked.AsSpan(0, length);
        var place = (int)((uint)GroupKey.Hash(asked) % Places);
        var texts = _texts.AsSpan(place * MostText, MostText);
        isKnown = asked.SequenceEqual(texts[.._lengths[place]]);
        if (!isKnown)
        {
            asked.CopyTo(texts);
            _lengths[place] = length;
        }
        return ref _known[place];
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

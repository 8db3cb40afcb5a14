using System.Numerics;

namespace Detector.Core.Detection;

/// <summary>
/// Times by keys, in a few large arrays: however many there are, the garbage collector has nothing to do with them. For one thread.
/// </summary>
internal sealed class TimesByKey
{
    private int[] _slots = new int[1024]; // by hash: one more than a key's number; 0 where there is none
    private Key[] _keys = new Key[256];
    private byte[] _bytes = new byte[16 * 1024];
    private long[] _times = new long[512];
    private int _timesEnd;

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes the keys have together.</summary>
    public int Bytes { get; private set; }

    /// <summary>A time by its place: see <see cref="PlaceOf"/>.</summary>
    public ref long this[int place] => ref _times[place];

    /// <summary>Forgets all keys and times.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        (Count, Bytes, _timesEnd) = (0, 0, 0);
    }

    /// <summary>The place of a key's first time; the others follow it. Those of a key that was not there are the greatest of all.</summary>
    /// <param name="key">The key.</param>
    /// <param name="times">How many times the key has, always the same.</param>
    public int PlaceOf(ReadOnlySpan<byte> key, int times)
    {
        var hash = (uint)GroupKey.Hash(key);
        ref var slot = ref SlotOf(key, hash);
        if (slot > 0)
        {
            return _keys[slot - 1].Times;
        }
        if (2 * Count >= _slots.Length)
        {
            Widen();
            slot = ref SlotOf(key, hash);
        }
        Reserve(ref _keys, Count + 1);
        Reserve(ref _bytes, Bytes + key.Length);
        Reserve(ref _times, _timesEnd + times);
        _keys[Count] = new Key(hash, Bytes, key.Length, _timesEnd);
        slot = ++Count;
        key.CopyTo(_bytes.AsSpan(Bytes));
        _times.AsSpan(_timesEnd, times).Fill(long.MaxValue);
        Bytes += key.Length;
        _timesEnd += times;
        return _timesEnd - times;
    }

    /// <summary>The key's slot, or the free one that it would have.</summary>
    private ref int SlotOf(ReadOnlySpan<byte> key, uint hash)
    {
        for (var at = hash; ; at++)
        {
            ref var slot = ref _slots[at & (uint)(_slots.Length - 1)];
            if (slot == 0 || (_keys[slot - 1] is var known && known.Hash == hash && key.SequenceEqual(_bytes.AsSpan(known.Start, known.Length))))
            {
                return ref slot;
            }
        }
    }

    private void Widen()
    {
        _slots = new int[2 * _slots.Length];
        for (var number = 1; number <= Count; number++)
        {
            var at = _keys[number - 1].Hash;
            while (_slots[at & (uint)(_slots.Length - 1)] != 0)
            {
                at++;
            }
            _slots[at & (uint)(_slots.Length - 1)] = number;
        }
    }

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (length > array.Length)
        {
            Array.Resize(ref array, (int)BitOperations.RoundUpToPowerOf2((uint)length));
        }
    }

    /// <param name="Hash">Its hash.</param>
    /// <param name="Start">Where its bytes begin.</param>
    /// <param name="Length">How many these are.</param>
    /// <param name="Times">Where its times begin.</param>
    private readonly record struct Key(uint Hash, int Start, int Length, int Times);
}

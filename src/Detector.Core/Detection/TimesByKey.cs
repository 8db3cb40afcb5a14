namespace Detector.Core.Detection;

/// <summary>
/// Times by keys, in a few large arrays: however many there are, the garbage collector has nothing to do with them. For one thread.
/// </summary>
internal sealed class TimesByKey
{
    /// <summary>The place of no time.</summary>
    public const int None = -1;

    private Slot[] _slots = new Slot[1024];
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

    /// <summary>The place of a key's first time, or <see cref="None"/> if the key is not there.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        ref readonly var slot = ref SlotOf(key, (uint)GroupKey.Hash(key));
        return slot.IsTaken ? slot.Times : None;
    }

    /// <summary>The place of a key's first time; the others follow it. Those of a key that was not there are the greatest of all.</summary>
    /// <param name="key">The key, which is not empty.</param>
    /// <param name="times">How many times the key has, always the same.</param>
    public int PlaceOf(ReadOnlySpan<byte> key, int times)
    {
        var hash = (uint)GroupKey.Hash(key);
        ref var slot = ref SlotOf(key, hash);
        if (slot.IsTaken)
        {
            return slot.Times;
        }
        if (2 * Count >= _slots.Length)
        {
            Widen();
            slot = ref SlotOf(key, hash);
        }
        Arrays.Reserve(ref _bytes, Bytes + key.Length);
        Arrays.Reserve(ref _times, _timesEnd + times);
        slot = new Slot(hash, Bytes, key.Length, _timesEnd);
        key.CopyTo(_bytes.AsSpan(Bytes));
        _times.AsSpan(_timesEnd, times).Fill(long.MaxValue);
        Count++;
        Bytes += key.Length;
        _timesEnd += times;
        return slot.Times;
    }

    /// <summary>The key's slot, or the free one that it would have.</summary>
    private ref Slot SlotOf(ReadOnlySpan<byte> key, uint hash)
    {
        for (var at = hash; ; at++)
        {
            ref var slot = ref _slots[at & (uint)(_slots.Length - 1)];
            if (!slot.IsTaken || (slot.Hash == hash && key.SequenceEqual(_bytes.AsSpan(slot.Start, slot.Length))))
            {
                return ref slot;
            }
        }
    }

    private void Widen()
    {
        var old = _slots;
        _slots = new Slot[2 * old.Length];
        foreach (var slot in old)
        {
            if (slot.IsTaken)
            {
                SlotOf(_bytes.AsSpan(slot.Start, slot.Length), slot.Hash) = slot;
            }
        }
    }

    /// <summary>Where a key can be; none is there if it has no length.</summary>
    /// <param name="Hash">The key's hash.</param>
    /// <param name="Start">Where its bytes begin.</param>
    /// <param name="Length">How many these are.</param>
    /// <param name="Times">Where its times begin.</param>
    private readonly record struct Slot(uint Hash, int Start, int Length, int Times)
    {
        public bool IsTaken => Length > 0;
    }
}

namespace Detector.Adapters.Spills;

/// <summary>
/// Reads a file back from many places in turn. What came together is mostly read back together, if with what came at other times in between: so it is read a page
/// at a time, and the pages that were read last stay at hand. For one thread.
/// </summary>
/// <param name="file">The file, to which nothing is added any more.</param>
/// <param name="length">Its bytes.</param>
internal sealed class SpillPages(SpillFile file, long length)
{
    private const int Size = 16 * 1024;
    private const int Count = 32;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size * Count);
    private readonly long[] _numbers = [.. Enumerable.Repeat(-1L, Count)];
    private readonly long[] _lastRead = new long[Count];
    private long _reads;

    /// <summary>Reads bytes.</summary>
    /// <exception cref="Sqlite.StorageException">The disk fails.</exception>
    public void Read(Span<byte> into, long at)
    {
        while (!into.IsEmpty)
        {
            var part = Page(at / Size)[(int)(at % Size)..];
            part = part[..Math.Min(part.Length, into.Length)];
            part.CopyTo(into);
            into = into[part.Length..];
            at += part.Length;
        }
    }

    private ReadOnlySpan<byte> Page(long number)
    {
        var slot = _numbers.IndexOf(number);
        var isAtHand = slot >= 0;
        if (!isAtHand)
            slot = _lastRead.IndexOf(_lastRead.Min());
        _lastRead[slot] = ++_reads;
        var page = _bytes.AsSpan(slot * Size, (int)Math.Min(Size, length - number * Size));
        if (!isAtHand)
        {
            _numbers[slot] = -1;
            file.Read(page, number * Size);
            _numbers[slot] = number;
        }
        return page;
    }
}

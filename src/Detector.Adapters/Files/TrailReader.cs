using Detector.Core.Events;

namespace Detector.Adapters.Files;

/// <summary>Takes a window of an item's content.</summary>
/// <param name="window">The content from where the last window was done with.</param>
/// <param name="isLast">Whether nothing follows; an item's last window may be empty.</param>
/// <returns>How many bytes of it are done with. A window of <see cref="RecordReader.MaxRecord"/> bytes must be done with in part.</returns>
public delegate int WindowTaker(ReadOnlySpan<byte> window, bool isLast);

/// <summary>What reading an item came to.</summary>
/// <param name="BytesRead">Bytes as stored.</param>
/// <param name="BytesContent">Bytes once unpacked.</param>
/// <param name="Problem">Why the rest could not be read; null if all was.</param>
public readonly record struct TrailRead(long BytesRead, long BytesContent, UnreadFile? Problem);

/// <summary>
/// Reads items one after the other, gzip or plain by whatever name: the usual ones whole, large ones window by window, in buffers that it keeps. For one thread.
/// </summary>
/// <param name="useLibrary">Whether libdeflate may be used where the system has it.</param>
public sealed class TrailReader(bool useLibrary = true) : IDisposable
{
    // Usual sizes: CloudTrail delivers some hundred kB, packed, every five minutes. What is larger is streamed.
    private const int MaxPacked = 2 * 1024 * 1024;
    private const int MaxUnpacked = 8 * 1024 * 1024;
    private const int FirstWindow = 256 * 1024;

    private readonly LibDeflate? _library = useLibrary ? LibDeflate.TryCreate() : null;
    private readonly NativeBuffer _packed = new();
    private readonly NativeBuffer _content = new();

    /// <summary>Whether the system has libdeflate.</summary>
    public static bool HasLibrary => LibDeflate.IsAvailable;

    /// <summary>Reads an item. Never throws on what it is: what can be read of a damaged one is taken, and the problem is told.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; what had been taken before stays taken.</exception>
    public TrailRead Read(TrailItem item, WindowTaker take, CancellationToken cancellation)
    {
        try
        {
            using var stream = item.Open(cancellation);
            var (length, isWhole, fault) = Fill(stream, item.Size);
            var beginning = _packed.Memory[..length];
            if (OtherFormat.Of(beginning.Span) is { } other)
                return new TrailRead(length, 0, new UnreadFile(item.Name, 0, other));
            var isGzip = GzipEnd.IsGzip(beginning.Span);
            if (isWhole && !isGzip)
            {
                take(beginning.Span, isLast: true);
                return new TrailRead(length, length, null);
            }
            if (isWhole && TryUnpack(beginning.Span, out var unpacked))
            {
                take(_content.GetSpan()[..unpacked], isLast: true);
                return new TrailRead(length, unpacked, null);
            }
            var all = new PackedStream(beginning, fault is null ? stream : new FaultyStream(fault));
            using var source = isGzip && item.OpensOnce ? new PackedStream(default, new SlowEnd(all)) : all;
            return isGzip
                ? Inflate(item, source, isWhole ? () => new PackedStream(beginning, Stream.Null) : null, take, cancellation)
                : Copy(item, source, source, take, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new TrailRead(0, 0, new UnreadFile(item.Name, 0, e.Message));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _library?.Dispose();
        _packed.Release();
        _content.Release();
    }

    /// <summary>Reads an item's bytes as stored, as far as they are kept in memory, and tells whether these are all, and what came in between.</summary>
    private (int Length, bool IsWhole, IOException? Fault) Fill(Stream stream, long? size)
    {
        // One byte more shows at once that nothing follows.
        _packed.Reserve((int)Math.Min(size + 1 ?? FirstWindow, MaxPacked), kept: 0);
        for (var length = 0; ; )
        {
            int read;
            try
            {
                read = stream.Read(_packed.GetSpan()[length..]);
            }
            catch (IOException fault) when (length > 0)
            {
                // What came before is judged all the same.
                return (length, false, fault);
            }
            length += read;
            if (read == 0)
                return (length, true, null);
            if (length >= MaxPacked)
                return (length, false, null);
            if (length == _packed.Length)
                _packed.Reserve(length + 1, kept: length);
        }
    }

    /// <summary>Unpacks a usual item at once; false if it is large, or damaged, or there is no library to do it.</summary>
    private bool TryUnpack(ReadOnlySpan<byte> packed, out int length)
    {
        length = 0;
        if (_library is null || packed.Length < GzipEnd.Trailer)
            return false;
        // A hint: of several members it is the last one's, of a damaged one anything.
        var size = GzipEnd.LengthOf(packed[^GzipEnd.Trailer..]);
        _content.Reserve(size <= MaxUnpacked ? (int)size : FirstWindow, kept: 0);
        while (true)
        {
            var result = _library.Unpack(packed, _content.GetSpan(), out length);
            if (result != Unpacked.NoRoom || _content.Length >= MaxUnpacked)
                return result == Unpacked.Whole;
            _content.Reserve(_content.Length + 1, kept: 0);
        }
    }

    /// <param name="item">The item.</param>
    /// <param name="source">Its bytes as stored.</param>
    /// <param name="again">Gives them once more, if they are all in memory.</param>
    /// <param name="take">Takes the content.</param>
    /// <param name="cancellation">Ends the reading.</param>
    private TrailRead Inflate(TrailItem item, PackedStream source, Func<Stream>? again, WindowTaker take, CancellationToken cancellation)
    {
        using var unpacked = new GzipContent(source, again ?? (() => item.Open(cancellation)));
        // A large item may be the last one, with only this worker left for it.
        using var content = again is null ? new AheadStream(unpacked) : (Stream)unpacked;
        var read = Copy(item, content, source, take, cancellation);
        if (read.Problem is not null)
            return read;
        try
        {
            var open = again ?? (item.OpensOnce ? null : () => item.Open(cancellation));
            if (source.ReadByte() < 0 && GzipEnd.Ends(source.Tail, read.BytesContent, open))
                return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // It cannot be looked at again, so there is doubt.
        }
        return read with { Problem = new UnreadFile(item.Name, read.BytesContent, "the gzip stream ends, and something that is no gzip follows") };
    }

    private TrailRead Copy(TrailItem item, Stream content, PackedStream source, WindowTaker take, CancellationToken cancellation)
    {
        var room = FirstWindow;
        var length = 0;
        long total = 0;
        UnreadFile? problem = null;
        for (var isLast = false; !isLast; )
        {
            _content.Reserve(room, kept: length);
            while (!isLast && length < room)
            {
                if (!item.OpensOnce)
                    cancellation.ThrowIfCancellationRequested();
                var read = ReadOn(content, _content.GetSpan()[length..room], out var reason);
                if (reason is not null)
                    problem = new UnreadFile(item.Name, total, reason);
                isLast = read == 0;
                length += read;
                total += read;
            }
            var taken = _content.GetSpan()[..length];
            var done = take(taken, isLast);
            length -= done;
            taken[done..].CopyTo(taken);
            // What is left is looked through again: it must stay the smaller part.
            if (length > room / 2)
                room = Math.Min(room * 2, RecordReader.MaxRecord);
        }
        if (_content.Length > MaxUnpacked)
            _content.Release();
        return new TrailRead(source.Count, total, problem);
    }

    /// <summary>Reads; what is damaged ends there, for a reason.</summary>
    private static int ReadOn(Stream content, Span<byte> into, out string? reason)
    {
        try
        {
            reason = null;
            return content.Read(into);
        }
        catch (InvalidDataException)
        {
            reason = "the gzip stream is damaged or cut off";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = e.Message;
        }
        return 0;
    }

    /// <summary>A stream of which nothing more can be read.</summary>
    private sealed class FaultyStream(IOException fault) : ForwardStream
    {
        protected override long At => 0;

        public override int Read(Span<byte> buffer) => throw new IOException(fault.Message, fault);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}

using System.Buffers;
using System.IO.Compression;

namespace Detector.Adapters.Files;

/// <summary>One trail file in memory, unpacked if it is gzip, by whatever name. The bytes are pooled: dispose gives them back.</summary>
public sealed class TrailFile : IDisposable
{
    /// <summary>Bytes of content that are read of one file; CloudTrail's own hold some 50 MB at most.</summary>
    public const int DefaultLimit = 1 << 30;

    private const int FirstBuffer = 1 << 20;

    private byte[] _buffer = [];
    private int _length;

    private TrailFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What could be read of it; empty after <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, _length);

    /// <summary>Bytes on disk.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Why the rest could not be read; null if all was.</summary>
    public UnreadFile? Problem { get; private set; }

    /// <summary>Reads a file whole. Never throws on what it is: what could be read of a damaged one is there, beside the problem.</summary>
    public static TrailFile Read(string path, int limit = DefaultLimit, CancellationToken cancellation = default)
    {
        return Read(
            path,
            () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan),
            limit,
            cancellation
        );
    }

    /// <summary>Reads an item of an archive whole. Never throws on what it is.</summary>
    public static TrailFile Read(TrailItem item, CancellationToken cancellation) =>
        Read(item.Name, () => Seekable(item.Open(cancellation)), DefaultLimit, cancellation);

    private static Stream Seekable(Stream stream)
    {
        if (stream.CanSeek)
            return stream;
        using (stream)
        {
            var whole = new MemoryStream();
            stream.CopyTo(whole);
            whole.Position = 0;
            return whole;
        }
    }

    private static TrailFile Read(string name, Func<Stream> open, int limit, CancellationToken cancellation)
    {
        var file = new TrailFile(name);
        try
        {
            using var stream = open();
            if (GzipEnd.IsGzip(stream))
                file.Unpack(stream, limit, cancellation);
            else
                file.Fill(stream, limit, cancellation);
            file.BytesRead = stream.Position;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            file.Fail(e is InvalidDataException ? $"the gzip stream is damaged: {e.Message}" : e.Message);
        }
        return file;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }

    private void Unpack(Stream stream, int limit, CancellationToken cancellation)
    {
        using (var unpacked = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true))
            Fill(unpacked, limit, cancellation);
        if (Problem is null && !GzipEnd.IsWhole(stream, Content.Span))
            Fail("the gzip stream is cut off, or something else follows it");
    }

    private void Fill(Stream stream, int limit, CancellationToken cancellation)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(limit, FirstBuffer));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_length == _buffer.Length)
                Grow(limit);
            var read = stream.Read(_buffer, _length, Math.Min(_buffer.Length, limit) - _length);
            _length += read;
            if (read == 0)
                return;
            if (_length == limit && stream.ReadByte() >= 0)
            {
                Fail($"holds more than {limit} bytes of JSON: split it");
                return;
            }
        }
    }

    private void Grow(int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit, _buffer.Length * 2L));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void Fail(string reason) => Problem ??= new UnreadFile(Path, _length, reason);
}

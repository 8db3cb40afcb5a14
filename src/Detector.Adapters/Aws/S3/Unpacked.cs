using System.Buffers;
using System.IO.Compression;
using Detector.Adapters.Files;

namespace Detector.Adapters.Aws.S3;

/// <summary>An object's content in memory, unpacked if it is gzip. The bytes are pooled: dispose gives them back.</summary>
/// <param name="limit">Bytes of content at most.</param>
/// <param name="large">Only one object at a time may be larger than <see cref="Small"/>.</param>
internal sealed class Unpacked(int limit, SemaphoreSlim large) : IDisposable
{
    /// <summary>Bytes, stored or of content, that any object may have. CloudTrail's files mostly have less than 10 MB.</summary>
    public const int Small = 32 << 20;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int _length;
    private bool _isLarge;

    /// <summary>What could be read.</summary>
    public ReadOnlyMemory<byte> Content => _bytes.AsMemory(0, _length);

    /// <summary>Why the rest could not be read; null if all was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads an object to its end, its damage or the limit.</summary>
    /// <exception cref="IOException">The stored bytes cannot be had.</exception>
    public async Task ReadAsync(Stream stored, CancellationToken cancellation)
    {
        using var packed = new MemoryStream();
        if (stored.Length > limit)
        {
            Problem = $"holds {stored.Length} bytes: more than {limit} are not read";
            return;
        }
        if (stored.Length > Small)
            await BecomeLargeAsync(cancellation);
        await stored.CopyToAsync(packed, cancellation);
        packed.Position = 0;
        var bytes = packed.GetBuffer().AsMemory(0, (int)packed.Length);
        if (!GzipEnd.IsGzip(bytes.Span))
        {
            await FillAsync(packed, cancellation);
            return;
        }
        await using (var unpacking = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true))
            await FillAsync(unpacking, cancellation);
        if (
            Problem is null
            && !GzipEnd.Ends(bytes.Span[^Math.Min(GzipEnd.Trailer, bytes.Length)..], _length, () => new MemoryStream(packed.GetBuffer(), 0, bytes.Length))
        )
            Problem = "the gzip stream is cut off, or something else follows it";
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        if (_isLarge)
            large.Release();
        (_bytes, _length, _isLarge) = ([], 0, false);
    }

    private async Task FillAsync(Stream stream, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                if (_length == _bytes.Length)
                    await GrowAsync(cancellation);
                var read = await stream.ReadAsync(_bytes.AsMemory(_length), cancellation);
                _length += read;
                if (read == 0)
                    return;
                if (_length > limit)
                {
                    (Problem, _length) = ($"holds more than {limit} bytes of JSON, and only those are read", limit);
                    return;
                }
            }
        }
        catch (InvalidDataException e)
        {
            Problem = $"the gzip stream is damaged: {e.Message}";
        }
    }

    private async Task GrowAsync(CancellationToken cancellation)
    {
        if (_length >= Small)
            await BecomeLargeAsync(cancellation);
        var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
        Content.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    private async Task BecomeLargeAsync(CancellationToken cancellation)
    {
        if (_isLarge)
            return;
        await large.WaitAsync(cancellation);
        _isLarge = true;
    }
}

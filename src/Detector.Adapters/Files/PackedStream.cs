namespace Detector.Adapters.Files;

/// <summary>An item's bytes as stored, from their beginning, of which some were read before. Knows how many there were and which were the last.</summary>
internal sealed class PackedStream(ReadOnlyMemory<byte> read, Stream rest) : ForwardStream
{
    private readonly byte[] _tail = new byte[GzipEnd.Trailer];
    private ReadOnlyMemory<byte> _read = read;
    private long _count;

    /// <summary>Bytes read so far.</summary>
    public long Count => _count;

    /// <summary>The last bytes read; shorter than a gzip trailer only if all of them are.</summary>
    public ReadOnlySpan<byte> Tail => _count < _tail.Length ? _tail.AsSpan(_tail.Length - (int)_count) : _tail;

    protected override long At => _count;

    public override int Read(Span<byte> buffer)
    {
        int count;
        if (_read.IsEmpty)
        {
            count = rest.Read(buffer);
        }
        else
        {
            count = Math.Min(buffer.Length, _read.Length);
            _read.Span[..count].CopyTo(buffer);
            _read = _read[count..];
        }
        Remember(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    private void Remember(ReadOnlySpan<byte> bytes)
    {
        _count += bytes.Length;
        var kept = Math.Max(0, _tail.Length - bytes.Length);
        _tail.AsSpan(_tail.Length - kept).CopyTo(_tail);
        bytes[Math.Max(0, bytes.Length - _tail.Length)..].CopyTo(_tail.AsSpan(kept));
    }
}

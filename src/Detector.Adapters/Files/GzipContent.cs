using System.IO.Compression;

namespace Detector.Adapters.Files;

/// <summary>
/// What a gzip stream holds. Of a damaged one everything up to the last byte before the damage: the platform's own stream keeps back whatever it had unpacked in
/// the read that came upon it, which of a usual file is all.
/// </summary>
/// <param name="packed">The stream.</param>
/// <param name="again">Opens it once more, from its beginning.</param>
internal sealed class GzipContent(Stream packed, Func<Stream> again) : ForwardStream
{
    private GZipStream _unpacked = new(packed, CompressionMode.Decompress, leaveOpen: true);
    private Stream? _again;
    private InvalidDataException? _damage;
    private long _given;
    private bool _isOver;

    protected override long At => _given;

    /// <exception cref="InvalidDataException">Here is the damage.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_damage is null)
        {
            try
            {
                var read = _unpacked.Read(buffer);
                _given += read;
                return read;
            }
            catch (InvalidDataException damage)
            {
                _damage = damage;
                _isOver = !TryReturn();
            }
        }
        var count = 0;
        while (!_isOver && count < buffer.Length)
        {
            // A read of one byte keeps back no more than that one.
            try
            {
                var next = _unpacked.ReadByte();
                _isOver = next < 0;
                if (!_isOver)
                    buffer[count++] = (byte)next;
            }
            catch (InvalidDataException)
            {
                _isOver = true;
            }
        }
        _given += count;
        return count > 0 || buffer.IsEmpty ? count : throw _damage;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked.Dispose();
            _again?.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Unpacks once more up to where the damage was come upon; false if that cannot be.</summary>
    private bool TryReturn()
    {
        try
        {
            _again = again();
            _unpacked.Dispose();
            _unpacked = new GZipStream(_again, CompressionMode.Decompress, leaveOpen: true);
            Span<byte> passed = stackalloc byte[4096];
            for (var rest = _given; rest > 0; )
            {
                var read = _unpacked.Read(passed[..(int)Math.Min(rest, passed.Length)]);
                if (read == 0)
                    return false;
                rest -= read;
            }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // It cannot be looked at again: what was given stays given.
            return false;
        }
    }
}

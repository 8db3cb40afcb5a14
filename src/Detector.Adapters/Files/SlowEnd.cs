using System.Runtime.ExceptionServices;

namespace Detector.Adapters.Files;

/// <summary>
/// A stream that gives its last bytes one by one. Whoever unpacks it takes nothing of what follows the packed bytes, so that it can be seen that something does: for
/// streams that cannot be looked at again.
/// </summary>
/// <param name="stream">The stream.</param>
internal sealed class SlowEnd(Stream stream) : ForwardStream
{
    // More than the platform's own stream reads at once, for what comes before the end comes in such blocks.
    private const int Size = 16 * 1024;

    private byte[] _block = new byte[Size];
    private byte[] _next = new byte[Size];
    private int _length;
    private int? _nextLength;
    private int _at;
    private long _given;
    private ExceptionDispatchInfo? _fault;

    protected override long At => _given;

    public override int Read(Span<byte> buffer)
    {
        if (_at == _length)
        {
            (_block, _next) = (_next, _block);
            _length = _nextLength ?? Fill(_block);
            _nextLength = Fill(_next);
            _at = 0;
            if (_length == 0)
                _fault?.Throw();
        }
        var count = Math.Min(buffer.Length, _nextLength > 0 ? _length - _at : Math.Min(1, _length - _at));
        _block.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        _given += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>As much as a block takes; less only at the end, or before a fault, which comes when all before it is given.</summary>
    private int Fill(byte[] block)
    {
        var length = 0;
        try
        {
            for (int read; _fault is null && length < block.Length && (read = stream.Read(block, length, block.Length - length)) > 0; )
                length += read;
        }
        catch (IOException fault)
        {
            _fault = ExceptionDispatchInfo.Capture(fault);
        }
        return length;
    }
}

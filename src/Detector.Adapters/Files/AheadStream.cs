using System.Runtime.ExceptionServices;

namespace Detector.Adapters.Files;

/// <summary>
/// Reads a stream ahead, on another thread, while what was read before is looked at: so of one large file one core unpacks, and another judges. Whoever reads
/// gets the same bytes, and the same failure at the same place.
/// </summary>
/// <param name="content">The stream; to be disposed of after this one.</param>
internal sealed class AheadStream(Stream content) : ForwardStream
{
    private const int Size = 256 * 1024;

    private byte[] _spare = GC.AllocateUninitializedArray<byte>(Size);
    private Block _block = new(GC.AllocateUninitializedArray<byte>(Size), 0, null);
    private Task<Block>? _next;
    private int _at;
    private long _given;

    protected override long At => _given;

    public override int Read(Span<byte> buffer)
    {
        if (_at == _block.Length)
        {
            _block.Failure?.Throw();
            var next = (_next ?? ReadAhead()).GetAwaiter().GetResult();
            (_spare, _block, _at) = (_block.Bytes, next, 0);
            _next = next is { Length: > 0, Failure: null } ? ReadAhead() : Task.FromResult(next);
            if (next.Length == 0)
            {
                next.Failure?.Throw();
                return 0;
            }
        }
        var count = Math.Min(buffer.Length, _block.Length - _at);
        _block.Bytes.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        _given += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    protected override void Dispose(bool disposing)
    {
        // Nobody may take the stream away while it is being read.
        if (disposing && _next is not null)
            ((IAsyncResult)_next).AsyncWaitHandle.WaitOne();
        base.Dispose(disposing);
    }

    private Task<Block> ReadAhead()
    {
        var bytes = _spare;
        return Task.Run(() => Fill(bytes));
    }

    /// <summary>As much as a block takes; less only at the end, or before a failure.</summary>
    private Block Fill(byte[] bytes)
    {
        var length = 0;
        try
        {
            for (int read; length < bytes.Length && (read = content.Read(bytes, length, bytes.Length - length)) > 0; )
                length += read;
            return new Block(bytes, length, null);
        }
        catch (Exception e)
        {
            return new Block(bytes, length, ExceptionDispatchInfo.Capture(e));
        }
    }

    /// <param name="Bytes">Room for them.</param>
    /// <param name="Length">How many there are.</param>
    /// <param name="Failure">What came behind them, if something did.</param>
    private sealed record Block(byte[] Bytes, int Length, ExceptionDispatchInfo? Failure);
}

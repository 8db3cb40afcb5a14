namespace Detector.Adapters.Files;

/// <summary>
/// A stream that may be silent for ever, such as a pipe: another thread opens it and waits for it, so that its reader can be stopped.
/// </summary>
/// <param name="open">Opens it; may wait too, as for a pipe that nobody writes to.</param>
/// <param name="stopping">Ends the waiting.</param>
internal sealed class StoppableStream(Func<Stream> open, CancellationToken stopping) : ForwardStream
{
    // As much as a pipe holds.
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Stream? _stream;
    private long _at;
    private bool _isLeft;

    protected override long At => _at;

    /// <exception cref="IOException">It was stopped.</exception>
    public override int Read(Span<byte> buffer)
    {
        var size = Math.Min(buffer.Length, _buffer.Length);
        var reading = _isLeft ? null : Task.Run(() => (_stream ??= open()).Read(_buffer, 0, size), CancellationToken.None);
        try
        {
            if (reading is not null)
                Task.WaitAny([reading], stopping);
        }
        catch (OperationCanceledException)
        {
            // Whoever waits goes on waiting, and ends with the process.
            _isLeft = true;
        }
        if (_isLeft)
            throw new IOException("stopped before its end");
        var count = reading!.GetAwaiter().GetResult();
        _buffer.AsSpan(0, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isLeft)
            _stream?.Dispose();
        base.Dispose(disposing);
    }
}

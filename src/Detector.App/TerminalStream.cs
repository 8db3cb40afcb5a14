namespace Detector.App;

/// <summary>Standard output or error: what cannot be written there, to a full disk for one, is told as such, and no fault of the program.</summary>
/// <param name="stream">It.</param>
/// <param name="isLog">Whether it may be lost: a log that cannot be written stops nothing, and results that cannot be are an error.</param>
internal sealed class TerminalStream(Stream stream, bool isLog) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="OutputException">It cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            stream.Write(buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!isLog)
                throw new OutputException(e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => stream.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>Results cannot be written to standard output; the message is for whoever waits for them.</summary>
internal sealed class OutputException(Exception reason) : IOException($"standard output cannot be written: {reason.Message}", reason);

using Detector.Adapters.Files;
using Detector.Core.Delivery;

namespace Detector.Adapters.Reports;

/// <summary>
/// Appends each alert as one line of JSON (see <see cref="AlertJson"/>) to a file, or to a stream such as standard output. A line that was
/// cut short, by a full disk or a crash, is ended before the next one begins: it spoils no neighbour, and its alert is written again whole.
/// </summary>
public sealed class JsonLinesSink : IAlertSink, IDisposable
{
    private const byte LineEnd = (byte)'\n';

    private readonly string _path = "";
    private readonly Stream? _stream;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _streamMidLine;

    /// <param name="path">Made for its user alone. Opened anew for every alert, so that it may be moved away at any time (log rotation). Its folder must exist.</param>
    public JsonLinesSink(string path) => _path = path;

    /// <param name="stream">Stays the caller's to dispose.</param>
    public JsonLinesSink(Stream stream) => _stream = stream;

    /// <inheritdoc/>
    public string Name => "jsonl";

    /// <inheritdoc/>
    public int Concurrency => 1;

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
    {
        byte[] line = [.. AlertJson.Write(dispatch.Alert), LineEnd];
        await _turn.WaitAsync(cancellation);
        try
        {
            await (_stream is null ? AppendToFileAsync(line) : AppendToStreamAsync(_stream, line));
            return SinkAnswer.Delivered;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return SinkAnswer.Retry($"the alert cannot be written: {error.Message}");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task AppendToFileAsync(byte[] line)
    {
        // Unbuffered, so that closing the file after a failure has nothing left to write.
        var options = PrivateFile.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        options.BufferSize = 0;
        await using var file = new FileStream(_path, options);
        if (EndsMidLine(file))
            file.WriteByte(LineEnd);
        await file.WriteAsync(line);
        // Delivered is final: it must outlive a power cut.
        file.Flush(flushToDisk: true);
    }

    private async Task AppendToStreamAsync(Stream stream, byte[] line)
    {
        if (_streamMidLine)
            stream.WriteByte(LineEnd);
        _streamMidLine = true;
        await stream.WriteAsync(line);
        await stream.FlushAsync();
        _streamMidLine = false;
    }

    /// <summary>Leaves the file at its end.</summary>
    private static bool EndsMidLine(FileStream file)
    {
        if (!file.CanSeek || file.Length == 0)
            return false;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != LineEnd;
    }
}

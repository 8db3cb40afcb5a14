using Detector.Adapters.Files;
using Detector.Adapters.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Detector.Adapters.Spills;

/// <summary>A nameless file for what does not fit into memory. Its owner alone can read it, and it is gone when it is closed, however the process ends.</summary>
internal sealed class SpillFile : IDisposable
{
    private readonly FileStream _file;
    private readonly SafeFileHandle _handle; // a stream seeks whenever it is asked for it
    private readonly string _path;
    private long _end;

    /// <param name="folder">Where it lies.</param>
    /// <exception cref="StorageException">It cannot be made there.</exception>
    public SpillFile(string folder)
    {
        _path = Path.Combine(folder, $"detector-{Path.GetRandomFileName()}");
        var options = PrivateFile.Options(FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
        options.BufferSize = 0;
        // Windows deletes it when it is closed. Elsewhere its name can go at once.
        options.Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
        _file = Try(() => new FileStream(_path, options));
        _handle = _file.SafeFileHandle;
        if (!OperatingSystem.IsWindows())
            File.Delete(_path);
    }

    /// <summary>Writes bytes behind all others. Safe to call from many threads.</summary>
    /// <returns>Where they begin.</returns>
    /// <exception cref="StorageException">The disk is full, or fails.</exception>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        var at = Interlocked.Add(ref _end, bytes.Length) - bytes.Length;
        try
        {
            RandomAccess.Write(_handle, bytes, at);
            return at;
        }
        catch (IOException e)
        {
            throw Failure(e);
        }
    }

    /// <summary>Reads bytes; safe to call from many threads.</summary>
    /// <exception cref="StorageException">The disk fails.</exception>
    public void Read(Span<byte> into, long at)
    {
        try
        {
            while (!into.IsEmpty)
            {
                var read = RandomAccess.Read(_handle, into, at);
                if (read == 0)
                    throw new EndOfStreamException("it is shorter than what was written");
                into = into[read..];
                at += read;
            }
        }
        catch (IOException e)
        {
            throw Failure(e);
        }
    }

    public void Dispose() => _file.Dispose();

    private T Try<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(e);
        }
    }

    private StorageException Failure(Exception e) =>
        new(_path, StorageFault.Unavailable, $"what does not fit into memory cannot be put aside here ({e.Message})", e);
}

using System.Buffers;
using System.Runtime.ExceptionServices;
using Detector.Adapters.Files;

namespace Detector.Adapters.Aws.S3;

/// <summary>An object of an archive in S3, fetched ahead if there was room, else when it is opened.</summary>
internal sealed class S3Item(S3Name name, long length, S3Fetch fetch, Prefetch prefetch) : TrailItem(name.ToString(), length)
{
    private readonly Lock _gate = new();
    private Task<Stream>? _ahead;
    private bool _opened;

    public long Length => length;

    /// <summary>Begins to fetch it. False if somebody has opened it already.</summary>
    public bool TryBegin()
    {
        lock (_gate)
        {
            if (_opened)
                return false;
            _ahead = Task.Run(() => fetch.AheadAsync(name, length));
            return true;
        }
    }

    public override Stream Open(CancellationToken cancellation)
    {
        Task<Stream>? ahead;
        lock (_gate)
        {
            (ahead, _ahead) = (_ahead, null);
            _opened = true;
        }
        if (ahead is null)
            return fetch.OpenAsync(name, length, cancellation).GetAwaiter().GetResult();
        try
        {
            ahead.Wait(cancellation);
            return new Held(ahead.Result, () => prefetch.GiveBack(this));
        }
        catch (AggregateException e)
        {
            prefetch.GiveBack(this);
            cancellation.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }

    /// <summary>Gives the room back when it is closed.</summary>
    private sealed class Held(Stream inner, Action close) : Stream
    {
        private Action? _close = close;

        public override bool CanRead => true;

        public override bool CanSeek => inner.CanSeek;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                Interlocked.Exchange(ref _close, null)?.Invoke();
            }
            base.Dispose(disposing);
        }
    }
}

/// <summary>How an object is had: from the cache if there is one and it is there, else from S3.</summary>
internal sealed class S3Fetch(Amazon.S3.IAmazonS3 s3, ObjectCache? cache, Backoff backoff, TimeProvider time, CancellationToken ending)
{
    /// <summary>Has the whole object at hand: in memory, or in the cache's file.</summary>
    public async Task<Stream> AheadAsync(S3Name name, long length)
    {
        var stream = await OpenAsync(name, length, ending);
        if (cache is not null)
            return stream;
        await using (stream)
            return await Buffered.ReadAsync(stream, (int)length, ending);
    }

    /// <summary>Opens the object; without a cache its bytes are read as they come.</summary>
    public async Task<Stream> OpenAsync(S3Name name, long length, CancellationToken cancellation)
    {
        if (cache?.Find(name, length) is { } kept)
            return kept;
        var reader = await S3Reader.OpenAsync(s3, name, backoff, time, cancellation);
        if (cache is null)
            return reader;
        await using (reader)
            return await cache.AddAsync(name, length, reader, cancellation);
    }

    /// <summary>Bytes in a pooled array.</summary>
    private sealed class Buffered(byte[] bytes, int length) : MemoryStream(bytes, 0, length, writable: false)
    {
        private byte[]? _pooled = bytes;

        public static async Task<Stream> ReadAsync(Stream stream, int length, CancellationToken cancellation)
        {
            var bytes = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                await stream.ReadExactlyAsync(bytes.AsMemory(0, length), cancellation);
                return new Buffered(bytes, length);
            }
            catch
            {
                ArrayPool<byte>.Shared.Return(bytes);
                throw;
            }
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (Interlocked.Exchange(ref _pooled, null) is { } bytes)
                ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}

using Amazon.S3;
using Amazon.S3.Model;
using Detector.Adapters.Files;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// One object's bytes as they come. A connection that breaks off or falls silent is taken up again where it ended: the client's own retries end with an answer's
/// first byte. An object that is replaced meanwhile is an error, never a mixture.
/// </summary>
internal sealed class S3Reader : ForwardStream
{
    private const int Tries = 5;

    /// <summary>How long a connection may be silent.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IAmazonS3 _s3;
    private readonly S3Name _name;
    private readonly Backoff _backoff;
    private readonly TimeProvider _time;
    private readonly CancellationToken _cancellation;
    private readonly string _etag;
    private GetObjectResponse _answer;
    private long _at;

    private S3Reader(IAmazonS3 s3, S3Name name, Backoff backoff, TimeProvider time, GetObjectResponse answer, CancellationToken cancellation)
    {
        (_s3, _name, _backoff, _time, _answer, _cancellation) = (s3, name, backoff, time, answer, cancellation);
        (_etag, Length) = (answer.ETag, answer.ContentLength);
    }

    public override long Length { get; }

    /// <exception cref="IOException">It cannot be had; the message says why.</exception>
    public static async Task<S3Reader> OpenAsync(IAmazonS3 s3, S3Name name, Backoff backoff, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            return new S3Reader(s3, name, backoff, time, await GetAsync(s3, name, name.ETag, 0, cancellation), cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            throw Failure(exception);
        }
    }

    protected override long At => _at;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var failures = 0; ; )
        {
            try
            {
                var read = await ReadOnceAsync(buffer, cancellationToken);
                if (read == 0 && _at < Length && buffer.Length > 0)
                    throw new EndOfStreamException("the connection ended early");
                _at += read;
                return read;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !_cancellation.IsCancellationRequested)
            {
                if (++failures == Tries || AwsFault.Of(exception).NeedsSomebody)
                    throw Failure(exception);
            }
            await Task.Delay(_backoff.After(failures), _time, cancellationToken);
            await AgainAsync(cancellationToken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), _cancellation).AsTask().GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _answer.Dispose();
        base.Dispose(disposing);
    }

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        return await _answer.ResponseStream.ReadAsync(buffer, patience.Token);
    }

    /// <summary>Asks for the rest. If even that fails, the next read does, and it counts.</summary>
    private async Task AgainAsync(CancellationToken cancellation)
    {
        try
        {
            var answer = await GetAsync(_s3, _name, _etag, _at, cancellation);
            _answer.Dispose();
            _answer = answer;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            if (AwsFault.Of(exception).NeedsSomebody)
                throw Failure(exception);
        }
    }

    private static Task<GetObjectResponse> GetAsync(IAmazonS3 s3, S3Name name, string? etag, long from, CancellationToken cancellation)
    {
        var request = new GetObjectRequest
        {
            BucketName = name.Bucket,
            Key = name.Key,
            VersionId = name.Version,
            EtagToMatch = etag,
        };
        if (from > 0)
            request.ByteRange = new ByteRange(from, long.MaxValue);
        return s3.GetObjectAsync(request, cancellation);
    }

    private static IOException Failure(Exception exception) => exception as S3Failure ?? new S3Failure(AwsFault.Of(exception), exception);
}

/// <summary>Why an object could not be had.</summary>
internal sealed class S3Failure(AwsFault fault, Exception inner) : IOException(fault.Text, inner)
{
    public AwsFault Fault => fault;
}

/// <summary>Which object, and which state of it.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key.</param>
/// <param name="ETag">What the content must have; null for any.</param>
/// <param name="Version">A version's id; null for the newest.</param>
internal sealed record S3Name(string Bucket, string Key, string? ETag = null, string? Version = null)
{
    public override string ToString() => $"s3://{Bucket}/{Key}";
}

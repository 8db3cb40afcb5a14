using System.Collections.Concurrent;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Detector.Integration.Tests.Aws;

/// <summary>A client of the emulator that remembers what it was asked, and can be told to fail.</summary>
internal sealed class CountingS3(Uri address)
    : AmazonS3Client(
        Emulator.Credentials,
        new AmazonS3Config
        {
            ServiceURL = address.OriginalString,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
        }
    )
{
    /// <summary>Prefixes that were listed.</summary>
    public ConcurrentQueue<string> Listed { get; } = new();

    /// <summary>Keys that were fetched.</summary>
    public ConcurrentQueue<string> Fetched { get; } = new();

    /// <summary>Whether a prefix or key is denied.</summary>
    public Func<string, bool> Denies { get; set; } = _ => false;

    /// <summary>May put a stream of its own in the place of an object's.</summary>
    public Func<GetObjectRequest, Stream, Stream> Wraps { get; set; } = (_, stream) => stream;

    public override Task<ListObjectsV2Response> ListObjectsV2Async(ListObjectsV2Request request, CancellationToken cancellationToken = default)
    {
        Listed.Enqueue(request.Prefix);
        // Small pages, so that there are several.
        request.MaxKeys = 7;
        return Denies(request.Prefix) ? throw Denied() : base.ListObjectsV2Async(request, cancellationToken);
    }

    public override async Task<GetObjectResponse> GetObjectAsync(GetObjectRequest request, CancellationToken cancellationToken = default)
    {
        Fetched.Enqueue(request.Key);
        if (Denies(request.Key))
            throw Denied();
        var answer = await base.GetObjectAsync(request, cancellationToken);
        answer.ResponseStream = Wraps(request, answer.ResponseStream);
        return answer;
    }

    private static AmazonS3Exception Denied() => new("Access Denied", ErrorType.Sender, "AccessDenied", "r", HttpStatusCode.Forbidden);
}

using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Detector.Adapters.Aws;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Files;
using Detector.Core.Integrity;

namespace Detector.Adapters.Integrity;

/// <summary>Digest files in a bucket: those that belong to the log files of a place.</summary>
/// <param name="s3">The client; stays the caller's to dispose.</param>
/// <param name="place">Which log files.</param>
/// <param name="scope">Which of them may matter.</param>
public sealed class S3Digests(IAmazonS3 s3, S3Place place, TrailScope scope) : IDigestArchive
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<DigestItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var digests = place with { Prefix = DigestPath.Beside(place.Prefix) };
        await foreach (var found in new S3Listing(s3, digests, scope with { Digests = true }).ReadAsync(unreadable, cancellation))
        {
            if (TrailPath.Of(found.Key).IsDigest)
                yield return new Item(s3, new S3Name(place.Bucket, found.Key));
        }
    }

    private sealed class Item(IAmazonS3 s3, S3Name name) : DigestItem(name.ToString(), new ObjectPlace(name.Bucket, name.Key))
    {
        public override async Task<(Stream Content, DigestSeal Seal)> OpenAsync(CancellationToken cancellation)
        {
            try
            {
                // The client's own retries end with an answer's first byte: a digest is small, so it is read whole here.
                var answer = await s3.GetObjectAsync(new GetObjectRequest { BucketName = name.Bucket, Key = name.Key }, cancellation);
                return (answer.ResponseStream, Seal(answer.Metadata));
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                throw new IOException(AwsFault.Of(exception).Text, exception);
            }
        }

        private static DigestSeal Seal(MetadataCollection metadata) =>
            new(metadata["signature"], metadata["signature-algorithm"], DigestFiles.Time(metadata["backfill-generation-timestamp"]));
    }
}

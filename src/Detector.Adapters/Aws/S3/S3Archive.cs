using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Amazon.S3;
using Amazon.S3.Model;
using Detector.Adapters.Files;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// Trail files in a bucket. Lists what may be wanted, many folders at once, and fetches what comes next while others are read. An object that cannot be fetched is
/// an <see cref="IOException"/> of its <see cref="TrailItem.Open"/>.
/// </summary>
/// <param name="s3">The client; stays the caller's to dispose.</param>
/// <param name="place">Which keys.</param>
/// <param name="scope">Which of them may matter.</param>
/// <param name="options">How much is fetched ahead.</param>
/// <param name="cache">Keeps what is fetched; null to keep nothing.</param>
/// <param name="time">The clock of waits.</param>
/// <param name="random">Spreads the waits between tries.</param>
public sealed class S3Archive(IAmazonS3 s3, S3Place place, TrailScope scope, S3ArchiveOptions options, ObjectCache? cache, TimeProvider time, Random random)
    : ITrailArchive
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var prefetch = new Prefetch(options.AheadBytes, options.AheadObjects);
        var fetch = new S3Fetch(s3, cache, new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(20), random), time, cancellation);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ahead = Channel.CreateBounded<TrailItem>(options.AheadObjects);
        var listing = Task.Run(() => RunAheadAsync(ahead.Writer, prefetch, fetch, unreadable, left.Token), CancellationToken.None);
        try
        {
            await foreach (var item in ahead.Reader.ReadAllAsync(cancellation))
                yield return item;
        }
        finally
        {
            await left.CancelAsync();
            await listing;
        }
    }

    /// <summary>The objects themselves, unopened.</summary>
    public IAsyncEnumerable<S3Object> ObjectsAsync(Action<UnreadFile> unreadable, CancellationToken cancellation) =>
        new S3Listing(s3, place, scope).ReadAsync(unreadable, cancellation);

    /// <summary>Lists before it is asked to: only what is listed can be fetched ahead. Errors and the end reach the reader by way of the channel.</summary>
    private async Task RunAheadAsync(
        ChannelWriter<TrailItem> ahead,
        Prefetch prefetch,
        S3Fetch fetch,
        Action<UnreadFile> unreadable,
        CancellationToken cancellation
    )
    {
        Exception? problem = null;
        try
        {
            await foreach (var found in ObjectsAsync(unreadable, cancellation))
            {
                var item = new S3Item(new S3Name(place.Bucket, found.Key, found.ETag), found.Size ?? 0, fetch, prefetch);
                if (item.Length <= prefetch.Largest)
                    prefetch.Add(item);
                await ahead.WriteAsync(item, cancellation);
            }
        }
#pragma warning disable CA1031 // Whatever it is, the reader gets it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            problem = exception;
        }
        ahead.Complete(problem);
    }
}

/// <summary>How much of an archive in S3 is fetched before it is asked for.</summary>
/// <param name="AheadBytes">Bytes in memory at most; an object of more than a quarter is read as it comes instead.</param>
/// <param name="AheadObjects">Gets under way, and objects waiting to be read.</param>
public sealed record S3ArchiveOptions(long AheadBytes = 32 << 20, int AheadObjects = 32);

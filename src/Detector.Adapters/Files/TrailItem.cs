namespace Detector.Adapters.Files;

/// <summary>Something that may hold trail records, as it lies in an archive: a file, an S3 object, a page of a lookup.</summary>
/// <param name="name">What alerts and losses call it: a path, or an address such as <c>s3://bucket/key</c>.</param>
/// <param name="size">Bytes as stored, if they are known before it is opened.</param>
public abstract class TrailItem(string name, long? size)
{
    /// <summary>What alerts and losses call it.</summary>
    public string Name { get; } = name;

    /// <summary>Bytes as stored (packed, if it is gzip); null if unknown.</summary>
    public long? Size { get; } = size;

    /// <summary>Whether it is a pipe or the like, of which nothing can be read again, and which may be silent for ever.</summary>
    public virtual bool OpensOnce => false;

    /// <summary>Opens its bytes as they are stored. Blocks: it is called by the worker that reads them.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public abstract Stream Open(CancellationToken cancellation);
}

/// <summary>Where a replay finds what it reads.</summary>
public interface ITrailArchive
{
    /// <summary>
    /// Every item once, in a stable order. Found while others are read already, so an archive may be larger than what fits into memory.
    /// </summary>
    /// <param name="unreadable">Told of parts of the archive that cannot be listed.</param>
    /// <param name="cancellation">Ends the search.</param>
    IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, CancellationToken cancellation);
}

using Detector.Adapters.Files;
using Detector.Core.Integrity;

namespace Detector.Adapters.Integrity;

/// <summary>Where CloudTrail's digest files lie.</summary>
public interface IDigestArchive
{
    /// <summary>Every digest file that may be wanted, in a stable order.</summary>
    /// <param name="unreadable">Told of parts of the archive that cannot be listed.</param>
    /// <param name="cancellation">Ends the search.</param>
    IAsyncEnumerable<DigestItem> ListAsync(Action<UnreadFile> unreadable, CancellationToken cancellation);
}

/// <summary>A digest file, unopened.</summary>
/// <param name="name">What it is called to people.</param>
/// <param name="place">Where it lies.</param>
public abstract class DigestItem(string name, ObjectPlace place)
{
    /// <summary>What it is called to people.</summary>
    public string Name { get; } = name;

    /// <summary>Where it lies.</summary>
    public ObjectPlace Place { get; } = place;

    /// <summary>Opens its bytes as they are stored.</summary>
    /// <returns>The bytes, and what is kept beside them.</returns>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public abstract Task<(Stream Content, DigestSeal Seal)> OpenAsync(CancellationToken cancellation);
}

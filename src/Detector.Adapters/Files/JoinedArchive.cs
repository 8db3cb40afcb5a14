using System.Runtime.CompilerServices;

namespace Detector.Adapters.Files;

/// <summary>Several archives as one, one after the other.</summary>
public sealed class JoinedArchive(IReadOnlyList<ITrailArchive> archives) : ITrailArchive
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var archive in archives)
        {
            await foreach (var item in archive.ListAsync(unreadable, cancellation))
                yield return item;
        }
    }
}

using System.Runtime.CompilerServices;

namespace Detector.Adapters.Files;

/// <summary>Files and folders as an archive. Of folders in CloudTrail's layout, only what may be wanted.</summary>
public sealed class FileArchive(IReadOnlyList<string> paths, TrailScope scope) : ITrailArchive
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<TrailItem> ListAsync(Action<UnreadFile> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var path in TrailFiles.Find(paths, unreadable).Where(IsWanted))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new FileItem(path);
        }
    }

    /// <summary>
    /// A file that was named itself is wanted, whatever its name says. What is no trail is read all the same: to look costs nothing here, and folders on a disk get
    /// any name.
    /// </summary>
    private bool IsWanted(string path) =>
        paths.Contains(path, StringComparer.Ordinal) || scope.Wants(TrailPath.Of(path.Replace(Path.DirectorySeparatorChar, '/')));

    private sealed class FileItem(string path) : TrailItem(path, null)
    {
        public override Stream Open(CancellationToken cancellation) =>
            new FileStream(Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
    }
}

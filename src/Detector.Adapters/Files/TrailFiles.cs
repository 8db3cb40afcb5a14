namespace Detector.Adapters.Files;

/// <summary>
/// The files that paths stand for: each itself, or every file below a folder, whatever its name, in the order of names. Inside folders, names that begin with a
/// dot are passed over. A path is named as it was given or found, and once. Of folders in CloudTrail's layout, only what may be wanted.
/// </summary>
/// <param name="paths">Files and folders.</param>
/// <param name="scope">What is wanted; null for everything.</param>
public sealed class TrailFiles(IReadOnlyList<string> paths, TrailScope? scope = null) : ITrailArchive
{
    // A link may lead back up.
    private const int MaxDepth = 32;

    /// <inheritdoc/>
    public async IAsyncEnumerable<TrailItem> ListAsync(
        Action<UnreadFile> unreadable,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await Task.CompletedTask;
        // Paths that overlap would name a file twice; a single one cannot.
        var known = paths.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (
            var file in paths.SelectMany(path => Directory.Exists(path) ? Walk(new DirectoryInfo(path), path, 0, unreadable) : [new Item(path, SizeOf(path))])
        )
        {
            cancellation.ThrowIfCancellationRequested();
            if (known?.Add(file.Name) != false && IsInScope(file.Name))
                yield return file;
        }
    }

    private static IEnumerable<Item> Walk(DirectoryInfo folder, string path, int depth, Action<UnreadFile> unreadable)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = folder.GetFileSystemInfos();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable(new UnreadFile(path, 0, e.Message));
            yield break;
        }
        Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var file in entries.OfType<FileInfo>().Where(IsWanted))
            yield return new Item(Path.Combine(path, file.Name), file.Exists ? file.Length : null);
        if (depth == MaxDepth)
            yield break;
        foreach (var inner in entries.OfType<DirectoryInfo>().Where(IsWanted))
        {
            foreach (var file in Walk(inner, Path.Combine(path, inner.Name), depth + 1, unreadable))
                yield return file;
        }
    }

    /// <summary>
    /// A file that was named itself is wanted, whatever its name says. What is no trail is read all the same: to look costs nothing here, and folders on a disk get
    /// any name.
    /// </summary>
    private bool IsInScope(string path) =>
        scope is null || paths.Contains(path, StringComparer.Ordinal) || scope.Wants(TrailPath.Of(path.Replace(Path.DirectorySeparatorChar, '/')));

    private static bool IsWanted(FileSystemInfo entry) => !entry.Name.StartsWith('.');

    private static long? SizeOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : null;

    private sealed class Item(string path, long? size) : TrailItem(path, size)
    {
        public override Stream Open(CancellationToken cancellation) =>
            new FileStream(Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
    }
}

/// <summary>A file, or the rest of one, that could not be read.</summary>
/// <param name="Path">Which.</param>
/// <param name="Offset">How many bytes of its content, unpacked, had been read before.</param>
/// <param name="Reason">Why, in words for a person.</param>
public sealed record UnreadFile(string Path, long Offset, string Reason);

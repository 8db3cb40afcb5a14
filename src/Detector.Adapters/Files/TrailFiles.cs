namespace Detector.Adapters.Files;

/// <summary>
/// The files that paths stand for: each itself, or every file below a folder, whatever its name, in the order of names. Inside folders, names that begin with a
/// dot are passed over. A path is named as it was given or found, and once. Of folders in CloudTrail's layout, only what may be wanted.
/// </summary>
/// <param name="paths">Files and folders.</param>
/// <param name="scope">What is wanted; null for everything.</param>
public sealed class TrailFiles(IReadOnlyList<string> paths, TrailScope? scope = null) : ITrailArchive
{
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
            var file in paths.SelectMany(path =>
                Directory.Exists(path)
                    ? Walk(new DirectoryInfo(path), path, [Real(new DirectoryInfo(path))], unreadable)
                    : [new Item(path, SizeOf(new FileInfo(path)))]
            )
        )
        {
            cancellation.ThrowIfCancellationRequested();
            if (known?.Add(file.Name) != false && IsInScope(file.Name))
                yield return file;
        }
    }

    /// <summary>Every file below a folder. A link may lead to where the walk has been or comes from: each folder is walked once.</summary>
    private static IEnumerable<Item> Walk(DirectoryInfo folder, string path, HashSet<string> walked, Action<UnreadFile> unreadable)
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
            yield return new Item(Path.Combine(path, file.Name), SizeOf(file), isFound: true);
        foreach (var inner in entries.OfType<DirectoryInfo>().Where(IsWanted))
        {
            string real;
            try
            {
                real = Real(inner);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable(new UnreadFile(Path.Combine(path, inner.Name), 0, e.Message));
                continue;
            }
            if (!walked.Add(real))
                continue;
            foreach (var file in Walk(new DirectoryInfo(real), Path.Combine(path, inner.Name), walked, unreadable))
                yield return file;
        }
    }

    /// <summary>Where a folder really is, if it is a link.</summary>
    private static string Real(DirectoryInfo folder) =>
        (folder.ResolveLinkTarget(returnFinalTarget: true) ?? folder).FullName.TrimEnd(Path.DirectorySeparatorChar);

    /// <summary>
    /// A file that was named itself is wanted, whatever its name says. Other files are read whatever they are called: to look costs nothing here, and folders on a
    /// disk get any name. What only tells of a digest is none of the trail's.
    /// </summary>
    private bool IsInScope(string path) =>
        paths.Contains(path, StringComparer.Ordinal)
        || !IsInsights(path) && TrailPath.Of(path.Replace(Path.DirectorySeparatorChar, '/')) is { IsHead: false } place && scope?.Wants(place) != false;

    /// <summary>Files of Insights lie beside the trail and hold no events of it. A record of Insights that comes among others is a record.</summary>
    private static bool IsInsights(string path) =>
        path.Split(Path.DirectorySeparatorChar).Contains("CloudTrail-Insight", StringComparer.Ordinal)
        || Path.GetFileName(path).Contains("_CloudTrail-Insight_", StringComparison.Ordinal);

    private static bool IsWanted(FileSystemInfo entry) => !entry.Name.StartsWith('.');

    /// <summary>Null for what cannot be looked at, which opening it will tell. A link is as large as what it leads to; pipes, sockets and devices have no size.</summary>
    private static long? SizeOf(FileInfo file)
    {
        try
        {
            return (file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true } real ? real.Length : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="path">Where it lies.</param>
    /// <param name="size">Its size.</param>
    /// <param name="isFound">Whether it was found in a folder. What has no size there may be a pipe or a device, which would wait for ever; named itself it is meant.</param>
    private sealed class Item(string path, long? size, bool isFound = false) : TrailItem(path, size)
    {
        private bool _isOpened;

        public override bool OpensOnce => !isFound && Size == 0;

        public override Stream Open(CancellationToken cancellation)
        {
            if (!OpensOnce)
                return isFound && Size == 0 ? Stream.Null : Read();
            if (_isOpened)
                throw new IOException("it can be read only once");
            _isOpened = true;
            return new StoppableStream(Read, cancellation);
        }

        private FileStream Read() =>
            new(Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
    }
}

/// <summary>A file, or the rest of one, that could not be read.</summary>
/// <param name="Path">Which.</param>
/// <param name="Offset">How many bytes of its content, unpacked, had been read before.</param>
/// <param name="Reason">Why, in words for a person.</param>
public sealed record UnreadFile(string Path, long Offset, string Reason);

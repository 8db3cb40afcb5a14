namespace Detector.Adapters.Files;

/// <summary>Finds the files of a replay.</summary>
public static class TrailFiles
{
    // A link may lead back up.
    private const int MaxDepth = 32;

    /// <summary>
    /// The files that paths stand for: each itself, or every file below a folder, whatever its name, in the order of names. Inside folders, names that begin with a dot
    /// are passed over. A path is named as it was given or found, and once.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="unreadable">Told of folders that cannot be listed.</param>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths, Action<UnreadFile> unreadable)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
                Walk(path, 0, files, unreadable);
            else
                files.Add(path);
        }
        return [.. files.Distinct(StringComparer.Ordinal)];
    }

    private static void Walk(string folder, int depth, List<string> files, Action<UnreadFile> unreadable)
    {
        try
        {
            files.AddRange(Directory.GetFiles(folder).Where(IsWanted).Order(StringComparer.Ordinal));
            if (depth == MaxDepth)
                return;
            foreach (var inner in Directory.GetDirectories(folder).Where(IsWanted).Order(StringComparer.Ordinal))
                Walk(inner, depth + 1, files, unreadable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable(new UnreadFile(folder, 0, e.Message));
        }
    }

    private static bool IsWanted(string path) => !Path.GetFileName(path).StartsWith('.');
}

/// <summary>A file, or the rest of one, that could not be read.</summary>
/// <param name="Path">Which.</param>
/// <param name="Offset">How many bytes of its content, unpacked, had been read before.</param>
/// <param name="Reason">Why, in words for a person.</param>
public sealed record UnreadFile(string Path, long Offset, string Reason);

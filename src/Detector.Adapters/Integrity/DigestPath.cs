namespace Detector.Adapters.Integrity;

/// <summary>Knows where the digests of log files lie: in a folder beside theirs.</summary>
public static class DigestPath
{
    private const string Logs = "/CloudTrail/";
    private const string Digests = "/CloudTrail-Digest/";

    /// <summary>Whether a file of some key may lie under a path of a disk: both are compared by CloudTrail's layout, as far as the path leads into it.</summary>
    public static bool MayLieUnder(string path, string key)
    {
        const string layout = "AWSLogs/";
        var full = DigestFiles.KeyOf(Path.GetFullPath(path)) + (Directory.Exists(path) ? "/" : "");
        var at = full.LastIndexOf("/" + layout, StringComparison.Ordinal);
        var inKey = key.LastIndexOf(layout, StringComparison.Ordinal);
        return at < 0 || inKey < 0 || key.AsSpan(inKey).StartsWith(full.AsSpan(at + 1), StringComparison.Ordinal);
    }

    /// <summary>The path under which the digests of what lies under a path are: that of the region, as the digests of a file may lie in the next day's folder.</summary>
    public static string Beside(string path)
    {
        var at = path.LastIndexOf(Logs, StringComparison.Ordinal);
        if (at < 0)
            return path;
        var region = path.AsSpan(at + Logs.Length);
        var end = region.IndexOf('/');
        return string.Concat(path.AsSpan(0, at), Digests, end < 0 ? region : region[..(end + 1)]);
    }
}

using System.Globalization;
using System.Text;
using Detector.Core.Rules;

namespace Detector.Adapters.Files;

/// <summary>
/// What tells whether rule files have changed, without reading them: names, sizes and times. Links are followed to their ends, because a mounted Kubernetes
/// ConfigMap changes by turning a link round, and because file watchers see nothing of that.
/// </summary>
public static class RuleStamp
{
    /// <summary>Equal as long as the rules below the paths are. Never throws: what cannot be read is part of the stamp.</summary>
    public static string Of(IEnumerable<string> paths)
    {
        var stamp = new StringBuilder();
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var errors = new List<RuleError>();
            foreach (var file in RuleFolder.Files(path, errors))
                stamp.Append(Of(file, links)).Append('\n');
            foreach (var error in errors)
                stamp.Append(error).Append('\n');
        }
        return stamp.ToString();
    }

    private static string Of(string file, Dictionary<string, string> links)
    {
        try
        {
            var end = (FileInfo)(File.ResolveLinkTarget(file, returnFinalTarget: true) ?? new FileInfo(file));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{file}|{end.FullName}|{Links(end.Directory, links)}|{(end.Exists ? end.Length : -1)}|{end.LastWriteTimeUtc.Ticks}"
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{file}|{e.Message}";
        }
    }

    /// <summary>Where the links among a folder and those above it lead: two versions of a file may have one size and one time.</summary>
    private static string Links(DirectoryInfo? folder, Dictionary<string, string> known)
    {
        if (folder is null)
            return "";
        if (!known.TryGetValue(folder.FullName, out var links))
            known.Add(folder.FullName, links = $"{Links(folder.Parent, known)}{(folder.LinkTarget is { } target ? $">{target}" : "")}");
        return links;
    }
}

using System.IO.Enumeration;
using System.Text;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;

namespace Detector.Adapters.Files;

/// <summary>What rule folders held.</summary>
/// <param name="Rules">The rules that were taken, in the order of their paths.</param>
/// <param name="Errors">Files and rules that were refused, each with place and reason.</param>
/// <param name="Skipped">Rules for other log sources.</param>
public sealed record LoadedRules(IReadOnlyList<Rule> Rules, IReadOnlyList<RuleError> Errors, IReadOnlyList<RuleError> Skipped);

/// <summary>Reads the Sigma files below folders.</summary>
public static class RuleFolder
{
    // SigmaHQ's longest rule has 20 kB.
    private const long MaxFile = 1024 * 1024;
    private const int MaxDepth = 16;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    /// <summary>
    /// Reads every <c>.yml</c> and <c>.yaml</c> file below the given folders; a path may also be one file. Names that begin with a dot are passed over, as a
    /// mounted Kubernetes ConfigMap keeps its older versions under such names.
    /// </summary>
    /// <param name="paths">Folders and files.</param>
    /// <param name="placeholders">What stands for <c>%name%</c> below the modifier <c>expand</c>.</param>
    public static LoadedRules Load(IEnumerable<string> paths, IReadOnlyDictionary<string, IReadOnlyList<string>>? placeholders = null)
    {
        var errors = new List<RuleError>();
        // One after the other: of many rules two threads take a third longer, for they wait for each other in the YAML parser and in collections.
        SigmaFile[] read = [.. paths.SelectMany(path => Files(path, errors)).Select(file => Read(file, placeholders))];
        return new LoadedRules(
            [.. read.SelectMany(file => file.Rules)],
            [.. errors, .. read.SelectMany(file => file.Errors)],
            [.. read.SelectMany(file => file.Skipped)]
        );
    }

    internal static List<string> Files(string path, List<RuleError> errors)
    {
        if (File.Exists(path))
        {
            return [path];
        }
        var files = new List<string>();
        try
        {
            Walk(path, 0, files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new RuleError(new RulePlace(path, 1, 1), $"cannot be read: {e.Message}"));
        }
        return files;
    }

    private static void Walk(string folder, int depth, List<string> files)
    {
        // Beside a rule lie many files that are none: their names are looked at, and no text is made of them.
        var found = new FileSystemEnumerable<(string Path, bool IsFolder)>(folder, (ref entry) => (entry.ToSpecifiedFullPath(), entry.IsDirectory), Everything)
        {
            ShouldIncludePredicate = (ref entry) =>
                !entry.FileName.StartsWith('.') && (entry.IsDirectory || Path.GetExtension(entry.FileName) is ".yml" or ".yaml"),
        }.ToLookup(entry => entry.IsFolder, entry => entry.Path);
        files.AddRange(found[false].Order(StringComparer.Ordinal));
        // A link may lead back up.
        if (depth == MaxDepth)
        {
            return;
        }
        foreach (var inner in found[true].Order(StringComparer.Ordinal))
        {
            Walk(inner, depth + 1, files);
        }
    }

    private static SigmaFile Read(string file, IReadOnlyDictionary<string, IReadOnlyList<string>>? placeholders)
    {
        try
        {
            return new FileInfo(file).Length > MaxFile
                ? Refused(file, $"larger than {MaxFile / 1024} kB, which no rule file is")
                : SigmaReader.Read(
                    file,
                    new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file)).TrimStart('\uFEFF'),
                    placeholders
                );
        }
        catch (DecoderFallbackException)
        {
            return Refused(file, "not UTF-8 text");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused(file, $"cannot be read: {e.Message}");
        }
    }

    private static SigmaFile Refused(string file, string reason) => new([], [new RuleError(new RulePlace(file, 1, 1), reason)], []);
}

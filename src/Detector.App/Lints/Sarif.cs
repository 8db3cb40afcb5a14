using System.Text.Json;

namespace Detector.App.Lints;

/// <summary>Findings for code scanners and pull requests. Source: SARIF 2.1.0 (OASIS).</summary>
internal static class Sarif
{
    /// <summary>Writes the members of the log's one object.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<Finding> findings)
    {
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteArray(
            "runs",
            [findings],
            run =>
            {
                json.WriteStartObject("tool");
                json.WriteStartObject("driver");
                json.WriteString("name", "detector");
                json.WriteArray("rules", LintCatalogue.All, kind => Write(json, kind));
                json.WriteEndObject();
                json.WriteEndObject();
                json.WriteString("columnKind", "unicodeCodePoints");
                json.WriteArray("results", run, finding => Write(json, finding));
            }
        );
    }

    private static void Write(Utf8JsonWriter json, Lint kind)
    {
        json.WriteString("id", kind.Id);
        WriteText(json, "shortDescription", kind.Title);
        if (kind.Source.Length > 0)
            WriteText(json, "help", $"Source: {kind.Source}.");
    }

    private static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteString("ruleId", finding.Kind.Id);
        json.WriteNumber("ruleIndex", LintCatalogue.All.Index().First(kind => kind.Item == finding.Kind).Index);
        json.WriteString("level", finding.LevelWord);
        WriteText(json, "message", finding.Mend.Length == 0 ? finding.Reason : $"{finding.Reason} ({finding.Mend})");
        json.WriteArray(
            "locations",
            [finding.Place],
            place =>
            {
                json.WriteStartObject("physicalLocation");
                json.WriteStartObject("artifactLocation");
                json.WriteString("uri", UriOf(place.File));
                json.WriteEndObject();
                json.WriteStartObject("region");
                json.WriteNumber("startLine", place.Line);
                json.WriteNumber("startColumn", place.Column);
                json.WriteEndObject();
                json.WriteEndObject();
            }
        );
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    /// <summary>A relative path stays one, so that a pull request finds the file; an absolute one becomes a file URI.</summary>
    private static string UriOf(string file)
    {
        var path = string.Join('/', file.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
        return Path.IsPathRooted(file) ? $"file://{path}" : path;
    }
}

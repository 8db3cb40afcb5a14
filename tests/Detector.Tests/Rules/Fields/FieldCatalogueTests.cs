using Detector.Core.Rules.Fields;

namespace Detector.Tests.Rules.Fields;

/// <summary>docs/fields.md lists the derived fields as the program knows them.</summary>
public sealed class FieldCatalogueTests
{
    private const string Begin = "<!-- fields: begin -->";
    private const string End = "<!-- fields: end -->";

    [Fact]
    public void Document_OfDerivedFields_IsTheCatalogue()
    {
        var path = Path.Combine(Repository.Root, "docs", "fields.md");
        var text = File.ReadAllText(path);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = string.Concat(
            DerivedFields.All.Select(field => $"| `{field.Name}` | {field.Type} | {field.Meaning} |\n").Prepend("| field | values | meaning |\n|---|---|---|\n")
        );
        if (Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, $"{text[..begin]}\n\n{table}\n{text[end..]}");
            return;
        }

        Assert.Equal(table.Trim(), text[begin..end].Trim());
    }
}

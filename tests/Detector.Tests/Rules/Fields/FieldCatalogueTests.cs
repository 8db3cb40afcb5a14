using Detector.Core.Rules.Fields;

namespace Detector.Tests.Rules.Fields;

/// <summary>docs/fields.md lists the derived fields as the program knows them.</summary>
public sealed class FieldCatalogueTests
{
    [Fact]
    public void Document_OfDerivedFields_IsTheCatalogue()
    {
        var rows = DerivedFields.All.Select(field => $"| `{field.Name}` | {field.Type} | {field.Meaning} |\n");

        WrittenDocument.Holds("fields.md", "fields", string.Concat(rows.Prepend("| field | values | meaning |\n|---|---|---|\n")));
    }
}

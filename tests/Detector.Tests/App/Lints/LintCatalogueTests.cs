using System.Reflection;
using Detector.App.Lints;

namespace Detector.Tests.App.Lints;

/// <summary>docs/lints.md lists the lints as the program knows them.</summary>
public sealed class LintCatalogueTests
{
    [Fact]
    public void Document_OfLints_IsTheCatalogue()
    {
        var rows = LintCatalogue.All.Select(lint => $"| `{lint.Id}` | {lint.Title} | {lint.Source} |\n");

        WrittenDocument.Holds("lints.md", "lints", string.Concat(rows.Prepend("| id | what | founded on |\n|---|---|---|\n")));
    }

    [Fact]
    public void All_Lints_AreListedOnce()
    {
        var fields = typeof(LintCatalogue).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<Lint>();

        Assert.Equal(fields, LintCatalogue.All);
        Assert.Equal(LintCatalogue.All.Count, LintCatalogue.All.Select(lint => lint.Id).Distinct(StringComparer.Ordinal).Count());
    }
}

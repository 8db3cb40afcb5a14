using System.Text.Json;
using Detector.Tests.App.Commands;

namespace Detector.Tests.App.Practices;

/// <summary>What docs/practices.md says is so.</summary>
public sealed class PracticesDocumentTests
{
    [Fact]
    public async Task Document_Example_IsWhatTheProgramWrites()
    {
        using var shell = new Shell { In = Story(), Width = 130 };
        await shell.RunAsync("practices", "-", "--rules", Places.Rules);
        var blocks = shell.Out.ReplaceLineEndings("\n").Split("\n\n");

        // What was looked at, the table, two practices, and the sum.
        string[] shown = [blocks[0], blocks[1], Block("(no-root)"), "...", Block("(rotate-key-pairs)"), "...", blocks[^1]];

        WrittenDocument.Holds("practices.md", "example", $"```text\n{string.Join("\n\n", shown).Trim()}\n```");

        string Block(string slug) => blocks.Single(block => block.Split('\n')[0].Contains(slug, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Document_OfJson_NamesEveryProperty()
    {
        using var shell = new Shell { In = Story() };
        await shell.RunAsync("practices", "-", "--rules", Places.Rules, "--output", "json");
        var document = File.ReadAllText(Repository.PathOf("docs/practices.md"));

        var unnamed = Names(JsonDocument.Parse(shell.Out).RootElement).Distinct(StringComparer.Ordinal).Where(name => !document.Contains($"`{name}`"));

        Assert.Empty(unnamed);
    }

    private static byte[] Story() => File.ReadAllBytes(Repository.PathOf("src/Detector.App/Sample/story.jsonl"));

    private static IEnumerable<string> Names(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Names(property.Value).Prepend(property.Name)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
            _ => [],
        };
}

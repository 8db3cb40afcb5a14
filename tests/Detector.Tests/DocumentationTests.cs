using System.Text.RegularExpressions;
using Detector.App.Options;

namespace Detector.Tests;

/// <summary>What the README promises is so.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Readme = File.ReadAllText(Repository.PathOf("README.md"));

    [Fact]
    public void Readme_TableOfSettings_IsMadeFromTheKeys()
    {
        var rows = Keys.All.Select(key => $"| `{key.Name}` | {key.Words} | {(key.Default is null ? "" : $"`{key.Default}`")} | {key.Meaning} |");
        var table = string.Join('\n', ["| setting | value | default | meaning |", "|---|---|---|---|", .. rows]);

        WrittenDocument.Holds("../README.md", "settings", table);
    }

    [Fact]
    public void Readme_Commands_BeginWithTheSampleThenTheTests()
    {
        var commands = Fence().Matches(Readme).Where(fence => fence.Groups["language"].Value is "sh").Select(fence => fence.Groups["body"].Value);

        Assert.Equal(["dotnet run -c Release --project src/Detector.App -- run --sample", "dotnet test Detector.sln"], commands.Take(2));
    }

    [Fact]
    public void Readme_ExampleConfiguration_IsAccepted()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Fence().Matches(Readme).Single(fence => fence.Groups["language"].Value is "yaml").Groups["body"].Value);

            var configuration = Configuration.Load(file, [], []);

            Assert.Empty(configuration.Errors);
            Assert.NotNull(configuration.Options?.Queue);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Documents_Links_LeadSomewhere()
    {
        var documents = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories).Append(Repository.PathOf("README.md"));

        var broken =
            from document in documents
            from link in Link().Matches(File.ReadAllText(document))
            let target = link.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target))
            select $"{Path.GetFileName(document)}: {target}";

        Assert.Empty(broken);
    }

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<body>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?<picture>!?)\[[^\]]*\]\((?<target>[^)#]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}

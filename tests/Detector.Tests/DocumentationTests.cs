using System.Text.RegularExpressions;
using Detector.App;
using Detector.App.Commands;
using Detector.App.Options;

namespace Detector.Tests;

/// <summary>What the README promises is so.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Readme = File.ReadAllText(Repository.PathOf("README.md"));

    [Fact]
    public void Settings_Table_IsMadeFromTheKeys()
    {
        var rows = Keys.All.Select(key => $"| `{key.Name}` | {key.Words} | {(key.Default is null ? "" : $"`{key.Default}`")} | {key.Meaning} |");
        var table = string.Join('\n', ["| setting | value | default | meaning |", "|---|---|---|---|", .. rows]);

        WrittenDocument.Holds("settings.md", "settings", table);
    }

    [Fact]
    public void Readme_Commands_BeginWithTheSampleThenTheTests()
    {
        var commands = Fence().Matches(Readme).Where(fence => fence.Groups["language"].Value is "sh").Select(fence => fence.Groups["body"].Value);

        Assert.Equal(["dotnet run -c Release --project src/Detector.App -- run --sample", "dotnet test Detector.sln"], commands.Take(2));
    }

    [Fact]
    public void Readme_Commands_AreAllThatThereAre()
    {
        using var silent = new StringWriter();
        var terminal = new Terminal(silent, silent, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System, default);
        var rows = Readme.Split('\n').Where(line => line.StartsWith("| `detector ", StringComparison.Ordinal)).Select(line => line.Split('`')[1]).ToList();

        var untold = CommandLine
            .Create(terminal)
            .Subcommands.SelectMany(command =>
                command.Subcommands.Count == 0 ? [(command.Name, "")] : command.Subcommands.Select(inner => (command.Name, inner.Name))
            )
            .Where(command => !rows.Exists(row => Word(command.Item1).IsMatch(row) && Word(command.Item2).IsMatch(row)));

        Assert.Empty(untold);

        static Regex Word(string name) => new($@"\b{name}\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Document_ExampleConfiguration_IsAccepted(string document, string yaml)
    {
        var folder = Directory.CreateTempSubdirectory("documents-").FullName;
        try
        {
            foreach (var (name, content) in Secrets)
                File.WriteAllText(Path.Combine(folder, name), content);
            var file = Path.Combine(folder, "detector.yaml");
            File.WriteAllText(file, yaml.Replace("/run/secrets", folder, StringComparison.Ordinal));

            var configuration = Configuration.Load(file, [], []);

            Assert.True(configuration.Errors.Count == 0, $"{document}: {string.Join("; ", configuration.Errors)}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Only what begins with sh is run by a test, so no command may hide in another block, or in one that is only indented.</summary>
    [Fact]
    public void Documents_Commands_StandInBlocksThatAreRun()
    {
        var hidden =
            from document in Documents()
            from line in HiddenCommand().Matches(Fence().Replace(File.ReadAllText(document), ""))
            select $"{Path.GetFileName(document)}: {line.Value.Trim()}";

        Assert.Empty(hidden);
    }

    [Fact]
    public void Documents_CommandsWithinSentences_AreWhatTheProgramTakes()
    {
        var parser = CommandLine.Create(new Terminal(TextWriter.Null, TextWriter.Null, new Dictionary<string, string>(), TimeProvider.System, default));
        var spans = (
            from document in Documents()
            from span in Span().Matches(Fence().Replace(File.ReadAllText(document), ""))
            from arguments in Alternatives(span.Groups["arguments"].Value)
            select (Document: Path.GetFileName(document), Arguments: arguments)
        ).ToList();

        var wrong =
            from span in spans
            from error in parser.Parse(span.Arguments).Errors
            where !OfNoMatter.Any(fault => error.Message.Contains(fault, StringComparison.Ordinal))
            select $"{span.Document}: detector {string.Join(' ', span.Arguments)}: {error.Message}";

        Assert.True(spans.Count > 30);
        Assert.Equal("", string.Join('\n', wrong));
    }

    [Fact]
    public void Documents_Links_LeadSomewhere()
    {
        var broken =
            from document in Documents()
            from link in Link().Matches(File.ReadAllText(document))
            let target = link.Groups["target"].Value
            let anchor = link.Groups["anchor"].Value
            where !target.Contains("://", StringComparison.Ordinal)
            let path = target.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, target)
            where !Path.Exists(path) || (anchor.Length > 0 && !Anchors(path).Contains(anchor))
            select $"{Path.GetFileName(document)}: {target}#{anchor}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Security_Claims_NameTestsThatExist()
    {
        var sources = Directory.EnumerateFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories).ToLookup(Path.GetFileNameWithoutExtension);
        var named = NamedTest().Matches(File.ReadAllText(Repository.PathOf("docs", "security.md"))).ToList();

        var missing =
            from test in named
            let type = test.Groups["type"].Value
            let method = test.Groups["method"].Value
            where
                !sources[type]
                    .Any(file =>
                        Regex.IsMatch(File.ReadAllText(file), $@"class {type}\b[\s\S]*(public|internal) [^\n(=]*\b{method}", RegexOptions.NonBacktracking)
                    )
            select test.Value;

        Assert.True(named.Count > 40);
        Assert.Empty(missing);
    }

    /// <summary>Blocks of YAML that are settings of the program, by their keys.</summary>
    public static TheoryData<string, string> Configurations()
    {
        var groups = Keys.All.Select(key => key.Name.Split('.')[0]).ToHashSet(StringComparer.Ordinal);
        var found = new TheoryData<string, string>();
        foreach (var document in Documents())
        {
            foreach (var fence in Fence().Matches(File.ReadAllText(document)).Where(fence => fence.Groups["language"].Value is "yaml"))
            {
                var yaml = fence.Groups["body"].Value;
                if (TopKey().Matches(yaml).All(key => groups.Contains(key.Groups["key"].Value)))
                    found.Add(Path.GetFileName(document), yaml);
            }
        }
        return found;
    }

    /// <summary>What the secrets' files of the examples hold.</summary>
    private static IEnumerable<(string Name, string Content)> Secrets =>
        [
            ("slack-token", "xoxb-0123456789-abcdef"),
            ("partner-webhook", "https://hooks.slack.com/services/T0/B0/x"),
            ("status-token", "0123456789abcdef"),
            ("redis", "redis.example:6379,ssl=true"),
            ("heartbeat-url", "https://example.com/beat"),
        ];

    /// <summary>What is wrong with a command that is only named, or with an argument that stands for one of the reader's own.</summary>
    private static IEnumerable<string> OfNoMatter =>
        [
            "Nothing to read",
            "Required command was not provided",
            "Required argument",
            "is neither a file nor a folder",
            "is neither a folder nor a file",
            "is no http or https URL",
        ];

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories).Append(Repository.PathOf("README.md"));

    /// <summary>The arguments of a command as documents write them: [X] may be left out, X... repeated, and X\|Y is one of two.</summary>
    private static IEnumerable<string[]> Alternatives(string arguments)
    {
        var words = arguments
            .Replace("...", "", StringComparison.Ordinal)
            .Replace("[", "", StringComparison.Ordinal)
            .Replace("]", "", StringComparison.Ordinal);
        IEnumerable<string[]> all =
        [
            [],
        ];
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries).TakeWhile(word => word is not (">" or "<" or "\\|" or "|")))
            all = [.. all.SelectMany(_ => word.Split("\\|"), (before, one) => (string[])[.. before, one])];
        return all;
    }

    /// <summary>Headings as GitHub names them in links.</summary>
    private static HashSet<string> Anchors(string path) =>
        [
            .. Heading()
                .Matches(Fence().Replace(File.ReadAllText(path), ""))
                .Select(heading => NoAnchor().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-')),
        ];

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<body>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)#\s]*)(#(?<anchor>[^)\s]+))?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{Nd} _-]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoAnchor();

    [GeneratedRegex(
        "^( *```|( {4,}|\t)(detector|aws|dotnet|docker|terraform|curl) ).*$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex HiddenCommand();

    [GeneratedRegex("`([^`\n]*\\\\\\| )?detector (?<arguments>[a-z][^`\n]*)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Span();

    [GeneratedRegex("^(?<key>[a-zA-Z]+):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TopKey();

    [GeneratedRegex(@"`(?<type>[A-Z]\w+Tests)(\.(?<method>\w+))?`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamedTest();
}

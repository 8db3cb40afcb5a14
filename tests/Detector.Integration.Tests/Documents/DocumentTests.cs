namespace Detector.Integration.Tests.Documents;

/// <summary>Every command that a document shows is run, from its first to its last, as a reader would; what cannot be run says why (<see cref="NotRun"/>).</summary>
public sealed class DocumentTests(ReadersMachine machine) : IClassFixture<ReadersMachine>
{
    /// <summary>The documents with commands. Writing rules and the investigation are followed where their files are: in the unit tests.</summary>
    public static TheoryData<string> Documents =>
        [
            .. All()
                .Where(document => document is not ("docs/writing-rules.md" or "docs/investigating.md") && new Walkthrough(document).HasCommands)
                .Order(StringComparer.Ordinal),
        ];

    public static TheoryData<string> Reasons => [.. NotRun.All.Select(one => one.Beginning)];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Document_FollowedWordForWord_EveryCommandSucceedsAndAnswersWhatItSays(string document)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Uses(document, "aws "))
            environment["AWS_CLI"] = Requires.AwsCli();
        if (Uses(document, "terraform "))
            Requires.Terraform();
        await machine.StartAsync();
        var posts = machine.Slack.Channel.Count;
        var walkthrough = new Walkthrough(document)
        {
            Programs = ReadersMachine.Programs,
            Environment = new Dictionary<string, string>(machine.Environment.Concat(environment), StringComparer.Ordinal),
            Instead = machine.Instead,
            NotRun = [.. NotRun.All.Select(one => one.Beginning)],
        };

        var isConfigured = Uses(document, "--config detector.yaml") && !Uses(document, "> detector.yaml");

        await walkthrough.FollowAsync(await machine.NewFolderAsync(isConfigured));

        if (Uses(document, "hooks.slack.com"))
            Assert.True(machine.Slack.Channel.Count > posts, "Slack got nothing");
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Document_CommandThatIsNotRun_IsInADocumentAndWouldFindWhatItNames(string beginning)
    {
        var reason = NotRun.All.Single(one => one.Beginning == beginning);

        var commands = All()
            .SelectMany(document => new Walkthrough(document).Commands)
            .Where(command => command.StartsWith(beginning, StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(commands);
        Assert.All(commands, reason.Check);
    }

    private static bool Uses(string document, string text) =>
        new Walkthrough(document).Commands.Any(command => command.Contains(text, StringComparison.Ordinal));

    private static IEnumerable<string> All() =>
        Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}").Append("README.md");
}

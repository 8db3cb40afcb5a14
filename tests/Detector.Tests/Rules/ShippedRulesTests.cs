using System.Text;
using System.Text.RegularExpressions;
using Detector.App;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;
using Microsoft.Extensions.Time.Testing;
using YamlDotNet.RepresentationModel;

namespace Detector.Tests.Rules;

/// <summary>
/// The rules that travel with the program: each is whole, fires on its <c>fires_*</c> cases, tells of attempts on its <c>attempt_*</c> ones, and stays quiet on
/// its <c>quiet_*</c> ones.
/// </summary>
public sealed class ShippedRulesTests
{
    private static readonly string[] Attributes =
    [
        "title",
        "id",
        "name",
        "status",
        "description",
        "references",
        "author",
        "date",
        "tags",
        "level",
        "falsepositives",
    ];

    private static readonly string[] Chapters =
    [
        "## What it means",
        "## Check first",
        "## Contain",
        "## When it is benign",
        "## What CloudTrail does not show",
    ];

    /// <summary>What practices and rules are matched by.</summary>
    private static readonly string[] Detections =
    [
        "access-key-created-without-mfa",
        "access-key-old",
        "access-key-reactivated",
        "access-key-shared",
        "account-takeover",
        "admin-grant",
        "console-login-without-mfa",
        "cross-account-trust-added",
        "denied-burst",
        "detector-tampering",
        "direct-user-policy",
        "iam-write-omitted",
        "instance-credentials-elsewhere",
        "instance-without-role",
        "key-pair-created",
        "key-pair-import",
        "key-pair-old",
        "key-pair-unused",
        "login-profile-created-or-changed",
        "mfa-deactivated",
        "password-expiry-missing",
        "password-policy-weakened",
        "privilege-escalation",
        "privileged-without-condition",
        "role-shared",
        "root-access-key-created",
        "root-access-key-usage",
        "root-task-session",
        "root-usage",
        "security-group-opens-22-to-world",
        "ssh-key-pushed",
        "too-many-admins",
        "trail-tampering",
        "user-without-mfa",
    ];

    private static readonly DateTimeOffset EndOfTime = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<RuleSet> Shipped = new(() => RuleSet.Compile([.. Slugs().SelectMany(row => Read(RuleFile(row.Data)).Rules)]));

    /// <summary>Folders of rules, as paths below rules/.</summary>
    public static TheoryData<string> Slugs() =>
        [.. Directory.GetFiles(Places.Rules, "rule.yml", SearchOption.AllDirectories).Select(file => Relative(Path.GetDirectoryName(file)!)).Order()];

    /// <summary>Files of cases, as paths below rules/.</summary>
    public static TheoryData<string> Cases() => [.. Directory.GetFiles(Places.Rules, "*.json", SearchOption.AllDirectories).Select(Relative).Order()];

    [Fact]
    public void Load_AllRules_NoErrorsAndNoWarnings()
    {
        var files = Slugs().Select(row => RuleFile(row.Data)).ToArray();

        var read = files.Select(file => Read(file)).ToArray();

        Assert.NotEmpty(files);
        Assert.Empty(read.SelectMany(r => r.Errors.Concat(r.Skipped)));
        Assert.Empty(RuleSet.Compile([.. read.SelectMany(r => r.Rules)]).Warnings);
    }

    [Fact]
    public void Compile_AllRules_NoneTriedOnEveryRecord()
    {
        var rules = Shipped.Value;

        Assert.Empty(rules.TriedAlways);
    }

    [Fact]
    public void Ids_AllRules_UniqueRandomUuids()
    {
        var ids = Documents().Select(d => Text(d.Map, "id")).ToArray();

        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id));
        Assert.Distinct(ids);
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public void Folder_HasCasesAndRunbook(string folder)
    {
        var path = Path.Combine(Places.Rules, folder);

        var cases = Directory.GetFiles(Path.Combine(path, "cases")).Select(file => Path.GetFileName(file)).ToArray();
        var runbook = File.ReadAllText(Path.Combine(path, "runbook.md"));

        Assert.Contains(cases, name => name.StartsWith("fires_", StringComparison.Ordinal));
        Assert.Contains(cases, name => name.StartsWith("quiet_", StringComparison.Ordinal));
        Assert.All(cases, name => Assert.Matches("^(fires|attempt|quiet)_[a-z0-9_]+\\.json$", name));
        Assert.All(Chapters, chapter => Assert.Contains(chapter, runbook, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public void Folder_HasTheRuleItIsNamedAfter(string folder)
    {
        var slug = Path.GetFileName(folder);

        var rule = Assert.Single(Read(RuleFile(folder)).Rules, r => r.Name == slug);

        Assert.Contains(
            rule.Tags,
            tag => tag.StartsWith("detector.", StringComparison.Ordinal) && Detections.Contains(tag["detector.".Length..], StringComparer.Ordinal)
        );
        Assert.Contains(rule.Tags, tag => tag.StartsWith("attack.t", StringComparison.Ordinal));
        Assert.True(rule.Level < Level.High || rule.FirstStep.Length > 0, "a high or critical rule says what to do first");
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public void Attempt_OfAFolder_IsALowerGradeOfTheSame(string folder)
    {
        var slug = Path.GetFileName(folder);
        var rules = Read(RuleFile(folder)).Rules;
        var attempt = rules.SingleOrDefault(rule => rule.Name == slug + "-attempt");
        var cases = Directory.GetFiles(Path.Combine(Places.Rules, folder, "cases"), "attempt_*");

        Assert.Equal(attempt is not null, cases.Length > 0);
        if (attempt is null)
            return;
        var rule = rules.Single(rule => rule.Name == slug);
        Assert.True(attempt.Level < rule.Level, $"{attempt.Name} is no lower than {slug}");
        Assert.Equal(
            rule.Tags.Where(IsDetection).Append("detector.attempt").Order(StringComparer.Ordinal),
            attempt.Tags.Where(IsDetection).Order(StringComparer.Ordinal)
        );

        static bool IsDetection(string tag) => tag.StartsWith("detector.", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public void Documents_SayEverythingOfThemselves(string folder)
    {
        foreach (var (_, map) in Documents().Where(d => d.Folder == folder))
        {
            Assert.All(Attributes, attribute => Assert.True(map.Children.ContainsKey(attribute), $"{Text(map, "title")} has no {attribute}"));
            Assert.Matches("^\\d{4}-\\d{2}-\\d{2}$", Text(map, "date"));
            Assert.All(
                (YamlSequenceNode)map.Children["references"],
                reference => Assert.StartsWith("https://docs.aws.amazon.com/", ((YamlScalarNode)reference).Value, StringComparison.Ordinal)
            );
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_RaisesWhatItsNameSays(string path)
    {
        var slug = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(path)!)!);
        string[] expected = Path.GetFileName(path).Split('_')[0] switch
        {
            "fires" => [slug],
            "attempt" => [slug + "-attempt"],
            _ => [],
        };

        var fired = Alerts(File.ReadAllBytes(Path.Combine(Places.Rules, path)));

        Assert.Equal(expected, fired.Select(rule => rule.Label).Where(name => name == slug || name == slug + "-attempt").Distinct());
    }

    /// <summary>People come by Identity Center, programs deploy, services act, a key is rotated rightly: nobody is to be called for that.</summary>
    [Fact]
    public void Alerts_OfBenignMonths_AreLowAtMost()
    {
        // Infrastructure as code, people of Identity Center, a third party let in as it should be, keys and key pairs that are rotated in time.
        var fired = Alerts(File.ReadAllBytes(Repository.PathOf("tests", "Detector.Tests", "Rules", "benign-months.json")));

        Assert.Equal(
            ["cross-account-trust-with-external-id", "key-pair-created", "key-pair-created"],
            fired.Select(rule => rule.Label).Order(StringComparer.Ordinal)
        );
        Assert.All(fired, rule => Assert.True(rule.Level <= Level.Low, rule.Label));
    }

    [Fact]
    public void Alerts_OfABenignDay_AreLowAtMost()
    {
        var fired = Alerts(File.ReadAllBytes(Repository.PathOf("tests", "Detector.Tests", "Rules", "benign-day.json")));

        Assert.Equal(["direct-user-policy", "key-pair-created"], fired.Select(rule => rule.Label).Order(StringComparer.Ordinal));
        Assert.All(fired, rule => Assert.True(rule.Level <= Level.Low, rule.Label));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_HoldsNobodysData(string path)
    {
        var text = File.ReadAllText(Path.Combine(Places.Rules, path));

        Assert.All(Found(text, "[\":](?<found>[0-9]{12})[\":]"), account => Assert.Contains(account, (string[])["111122223333", "444455556666"]));
        Assert.All(
            Found(text, "\"sourceIPAddress\": \"(?<found>[0-9][^\"]*)\""),
            // For documentation (RFC 5737, RFC 3849), or inside a network or a machine, where they are everybody's.
            address =>
                Assert.Matches(
                    "^((192\\.0\\.2|198\\.51\\.100|203\\.0\\.113)\\.[0-9]+|2001:db8::[0-9a-f]+"
                        + "|(10\\.[0-9]+|192\\.168|172\\.(1[6-9]|2[0-9]|3[01])|100\\.64|169\\.254|127\\.0)\\.[0-9]+\\.[0-9]+)$",
                    address
                )
        );
    }

    /// <summary>The rules that alert once a text has gone through the whole pipeline and all time has passed.</summary>
    private static SigmaFile Read(string file) => SigmaReader.Read(file, File.ReadAllText(file), DeploymentNames.Placeholders(options: null));

    private static Rule[] Alerts(byte[] text)
    {
        using var batch = new EventBatch("case", text, Receipt.None);
        using var pipeline = new DetectionPipeline(Shipped.Value, TimeSpan.FromMinutes(2), new FakeTimeProvider(EndOfTime));
        var judgement = new Judge(Shipped.Value).Try(batch);
        Assert.Empty(judgement.Rejected);
        Assert.NotEqual(0, judgement.Records);
        // The journal of a ledger takes each hit once.
        var journaled = pipeline.ForJournal(judgement).DistinctBy(hit => hit.Key).ToArray();

        var outcomes = new[] { pipeline.Take(judgement, journaled, sentAt: null), pipeline.Idle() };

        return [.. outcomes.SelectMany(o => o.Findings).Select(finding => finding.Rule)];
    }

    private static IEnumerable<(string Folder, YamlMappingNode Map)> Documents()
    {
        foreach (var folder in Slugs().Select(row => row.Data))
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(File.ReadAllText(RuleFile(folder), Encoding.UTF8)));
            foreach (var document in yaml.Documents)
            {
                yield return (folder, (YamlMappingNode)document.RootNode);
            }
        }
    }

    private static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    private static string RuleFile(string folder) => Path.Combine(Places.Rules, folder, "rule.yml");

    private static string Relative(string path) => Path.GetRelativePath(Places.Rules, path).Replace('\\', '/');

    private static IEnumerable<string> Found(string text, string pattern) =>
        Regex.Matches(text, pattern, RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture).Select(match => match.Groups["found"].Value);
}

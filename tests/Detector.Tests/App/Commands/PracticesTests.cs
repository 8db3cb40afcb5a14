using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.App;
using Detector.App.Practices;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Commands;

public sealed partial class PracticesTests : IDisposable
{
    private static readonly string[] Services =
    [
        "iam.amazonaws.com",
        "signin.amazonaws.com",
        "sts.amazonaws.com",
        "ec2.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "sso.amazonaws.com",
    ];

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly Shell _shell = new() { Time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)) };

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Practices_AnyArchive_ARowForEachPracticeOfTheCatalogueInItsOrder()
    {
        _shell.Write("t/a.json", Read("iam.amazonaws.com", 0));

        var code = await RunAsync();

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(PracticeCatalogue.All.Select(practice => practice.Slug), Rows().Select(row => row.GetProperty("practice").GetString()));
    }

    [Fact]
    public async Task Practices_DepartureThatSucceeded_IsViolatedAndCertain()
    {
        _shell.Write("t/a.json", Read("iam.amazonaws.com", 0) + DirectPolicy("ada", 1));

        await RunAsync();

        var row = Row("groups-not-users");
        Assert.Equal(("violated", "certain"), VerdictOf(row));
        Assert.Equal("low", row.GetProperty("level").GetString());
        var evidence = Assert.Single(row.GetProperty("evidence").EnumerateArray());
        Assert.Equal("AttachUserPolicy", evidence.GetProperty("eventName").GetString());
        Assert.Equal("arn:aws:iam::111122223333:user/ada", evidence.GetProperty("actor").GetString());
        Assert.Equal(1, evidence.GetProperty("index").GetInt32());
    }

    [Fact]
    public async Task Practices_DepartureThatWasRefused_IsAttempted()
    {
        _shell.Write("t/a.json", Event("ec2.amazonaws.com", "ImportKeyPair", 0, ",\"errorCode\":\"Client.UnauthorizedOperation\""));

        await RunAsync();

        Assert.Equal(("attempted", "certain"), VerdictOf(Row("key-pair-origin")));
    }

    [Fact]
    public async Task Practices_WhatMayBeInOrder_IsSuspected()
    {
        _shell.Write("t/a.json", Event("ec2.amazonaws.com", "ImportKeyPair", 0));

        await RunAsync();

        Assert.Equal(("suspected", "likely"), VerdictOf(Row("key-pair-origin")));
    }

    [Fact]
    public async Task Practices_NoEventOfTheService_CannotTell()
    {
        _shell.Write("t/a.json", Read("ec2.amazonaws.com", 0));

        await RunAsync();

        var row = Row("groups-not-users");
        Assert.Equal(("cannotTell", "unknown"), VerdictOf(row));
        Assert.Contains("no event of iam.amazonaws.com", row.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Contains(Gaps(row), gap => gap.Contains("us-east-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Practices_ShortSilence_IsUnsureAndTellsHowShort()
    {
        _shell.Write("t/a.json", Read("iam.amazonaws.com", 0) + Read("iam.amazonaws.com", 2));

        await RunAsync();

        Assert.Equal(("nothingSeen", "unsure"), VerdictOf(Row("groups-not-users")));
        Assert.Contains("2 days of the 90 days", Row("groups-not-users").GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal(("cannotTell", "unknown"), VerdictOf(Row("rotate-key-pairs")));
    }

    [Fact]
    public async Task Practices_NinetyDaysOfEverything_SilenceIsLikelyWhereNothingElseIsMissing()
    {
        _shell.Write("t/a.json", Everything(90));

        await RunAsync();

        foreach (var slug in (string[])["no-root", "least-privilege", "groups-not-users", "password-policy", "third-parties", "ssh-closed"])
            Assert.Equal(("nothingSeen", "likely"), VerdictOf(Row(slug)));
        Assert.Equal(("nothingSeen", "unsure"), VerdictOf(Row("mfa-everyone")));
        Assert.Equal(("nothingSeen", "unsure"), VerdictOf(Row("audit-trail")));
        Assert.Equal(("cannotTell", "unknown"), VerdictOf(Row("ssh-with-mfa")));
    }

    [Fact]
    public async Task Practices_TwoEventsFarApart_AreNoHistory()
    {
        _shell.Write("t/a.json", Read("iam.amazonaws.com", 0) + Read("iam.amazonaws.com", 300));

        await RunAsync();

        Assert.Equal(("nothingSeen", "unsure"), VerdictOf(Row("groups-not-users")));
        Assert.Contains("2 have any", Row("groups-not-users").GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Practices_ServiceSeenInSomeAccountsOnly_IsUnsureAndNamesTheOthers()
    {
        _shell.Write("t/a.json", Everything(90) + Read("ec2.amazonaws.com", 1, account: "444455556666"));

        await RunAsync();

        Assert.Equal(("nothingSeen", "unsure"), VerdictOf(Row("groups-not-users")));
        Assert.Contains("the same events of 444455556666", Gaps(Row("groups-not-users")));
        Assert.Equal(("nothingSeen", "likely"), VerdictOf(Row("ssh-closed")));
    }

    [Fact]
    public async Task Practices_CredentialReport_MendsWhatWasUnknown()
    {
        _shell.Write("t/a.json", Everything(90));
        var report = _shell.Write(
            "report.csv",
            "user,arn,user_creation_time,mfa_active\nada,arn:aws:iam::111122223333:user/ada,2025-01-01T00:00:00+00:00,true\n"
        );

        await RunAsync("--credential-report", report);

        Assert.Equal(("nothingSeen", "likely"), VerdictOf(Row("mfa-everyone")));
        Assert.Equal(("nothingSeen", "likely"), VerdictOf(Row("rotate-keys")));
    }

    [Fact]
    public async Task Practices_OnlyWrites_TellsThatReadsAreMissing()
    {
        _shell.Write("t/a.json", Event("iam.amazonaws.com", "CreateUser", 0));

        await RunAsync();

        Assert.Contains("no event that only reads is there", Row("no-root").GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Practices_RulesThatLookForNothingOfIt_CannotTell()
    {
        _shell.Write("t/a.json", Everything(90) + Event("iam.amazonaws.com", "CreateUser", 1));
        var rules = _shell.Write(
            "rules/r.yml",
            "title: User\nname: user\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: CreateUser}, condition: s}\n"
        );

        await _shell.RunAsync("practices", Path.Combine(_shell.Folder, "t"), "--rules", rules, "--output", "json");

        Assert.All(Rows(), row => Assert.Equal("cannotTell", row.GetProperty("verdict").GetString()));
        Assert.Equal(1, Card().GetProperty("archive").GetProperty("alertsOfNoPractice").GetInt32());
    }

    [Fact]
    public async Task Practices_PartThatCannotBeRead_IsToldAndLeavesSilenceUnsure()
    {
        _shell.Write("t/a.json", Everything(90) + "nonsense\n");

        var code = await RunAsync();

        Assert.Equal(ExitCode.Partly, code);
        Assert.Contains("a.json", _shell.Error, StringComparison.Ordinal);
        Assert.Equal(("nothingSeen", "unsure"), VerdictOf(Row("groups-not-users")));
        Assert.Equal(1, Card().GetProperty("archive").GetProperty("losses").GetInt32());
    }

    [Fact]
    public async Task Practices_Scope_CountsOnlyWhatIsInside()
    {
        _shell.Write("t/a.json", Everything(90));

        await RunAsync("--region", "us-east-1", "--from", "2026-03-10", "--to", "2026-03-11");

        var archive = Card().GetProperty("archive");
        Assert.Equal(2, archive.GetProperty("days").GetInt32());
        Assert.Equal(["us-east-1"], archive.GetProperty("regions").EnumerateArray().Select(region => region.GetProperty("region").GetString()));
        Assert.Equal("2026-03-10T00:00:00Z", Card().GetProperty("asked").GetProperty("from").GetString());
        Assert.Equal("cannotTell", Row("ssh-closed").GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task Practices_ManyAlerts_ShowsDifferentCallersFirst()
    {
        _shell.Write(
            "t/a.json",
            string.Concat(Enumerable.Range(0, 20).Select(i => DirectPolicy("ada", i, $"u{i}"))) + DirectPolicy("bob", 30) + DirectPolicy("eve", 31)
        );

        await RunAsync();

        var row = Row("groups-not-users");
        Assert.Equal(22, row.GetProperty("alerts").GetInt32());
        Assert.Equal(
            ["ada", "bob", "eve", "ada", "ada"],
            row.GetProperty("evidence").EnumerateArray().Select(one => one.GetProperty("actor").GetString()!.Split('/')[1])
        );
    }

    [Fact]
    public async Task Practices_SampleStory_FindsWhatReplayFinds()
    {
        _shell.In = File.ReadAllBytes(Repository.PathOf("src/Detector.App/Sample/story.jsonl"));
        using var replay = new Shell { In = _shell.In };
        await replay.RunAsync("replay", "-", "--rules", Places.Rules, "--output", "jsonl");

        await _shell.RunAsync("practices", "-", "--rules", Places.Rules, "--output", "json");

        var told = replay.OutLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("alertId").GetString()!).ToHashSet(StringComparer.Ordinal);
        var shown = Rows().SelectMany(row => row.GetProperty("evidence").EnumerateArray()).Select(one => one.GetProperty("alertId").GetString()!).ToList();
        Assert.Equal(told.Count, Card().GetProperty("archive").GetProperty("alerts").GetInt32());
        Assert.NotEmpty(shown);
        Assert.Subset(told, shown.ToHashSet(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(100)]
    public async Task Practices_OnATerminal_FitsIt(int width)
    {
        using var shell = new Shell { Width = width, In = File.ReadAllBytes(Repository.PathOf("src/Detector.App/Sample/story.jsonl")) };

        await shell.RunAsync("practices", "-", "--rules", Places.Rules);

        Assert.All(shell.OutLines, line => Assert.InRange(line.Length, 0, width));
        Assert.Contains("VERDICT", shell.Out, StringComparison.Ordinal);
        Assert.Contains("18 practices: ", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Practices_Html_IsAPageThatNeedsNothingElse()
    {
        await PageAsync("ada");

        Assert.DoesNotContain("<script", _shell.Out, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", _shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", _shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", _shell.Out, StringComparison.Ordinal);
        var style = Styles().Match(_shell.Out).Groups["style"].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.Contains($"default-src 'none'; style-src 'sha256-{hash}'", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"col\">Verdict</th>", _shell.Out, StringComparison.Ordinal);
        Assert.Equal(PracticeCatalogue.All.Count, _shell.Out.Split("<article id=").Length - 1);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("' onmouseover='alert(1)")]
    [InlineData("&lt;b&gt;")]
    [InlineData("</style></title>")]
    [InlineData("\u202Egnp.exe\u2066")]
    [InlineData("a\u0000\u001b[2J\r\nb")]
    public async Task Practices_HtmlOfHostileNames_ShowsThemAsText(string name)
    {
        await PageAsync("tame");
        using var other = new Shell { Time = _shell.Time };
        other.Write("t/a.json", DirectPolicy(name, 0, name));

        await other.RunAsync("practices", Path.Combine(other.Folder, "t"), "--rules", Places.Rules, "--output", "html");

        // Nothing that it says adds a tag or a character that steers, and all of it is still to be read.
        Assert.Equal(Tags().Count(_shell.Out), Tags().Count(other.Out));
        Assert.DoesNotContain(other.Out, character => character is '\u202E' or '\u2066' or '\0' or '\u001b' or '\r');
        Assert.Contains(OneLine.Of(name), WebUtility.HtmlDecode(other.Out), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Practices_HtmlOfALongName_CutsIt()
    {
        await PageAsync(new string('x', 100_000));

        Assert.DoesNotContain(new string('x', 500), _shell.Out, StringComparison.Ordinal);
        Assert.Contains("… (100,0", WebUtility.HtmlDecode(_shell.Out), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("practices", "Nothing to read")]
    [InlineData("practices /nowhere-at-all", "neither a file nor a folder")]
    [InlineData("practices . --output csv", "csv")]
    [InlineData("practices . --enqueue https://sqs.eu-west-1.amazonaws.com/111122223333/q", "--enqueue")]
    public async Task Practices_WrongUsage_TellsWhatIsWrong(string args, string part)
    {
        var code = await _shell.RunAsync(args.Split(' '));

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(part, _shell.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("VERDICT", _shell.Out, StringComparison.Ordinal);
    }

    private static string Everything(int days) =>
        string.Concat(
            Enumerable
                .Range(0, days + 1)
                .SelectMany(day => Services.Select(service => Read(service, day, service == "ec2.amazonaws.com" ? "eu-west-1" : "us-east-1")))
        );

    private static string Read(string source, int day, string region = "us-east-1", string account = "111122223333") =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"eventVersion":"1.08","eventID":"{{source}}-{{day}}-{{account}}","eventTime":"{{Start.AddDays(day):yyyy-MM-dd'T'HH:mm:ss'Z'}}","eventSource":"{{source}}","eventName":"ListThings","readOnly":true,"awsRegion":"{{region}}","recipientAccountId":"{{account}}","userIdentity":{"type":"AssumedRole"} }"""
        ) + "\n";

    private static string Event(string source, string name, int minute, string more = "") =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"eventVersion":"1.08","eventID":"{{name}}-{{minute}}","eventTime":"{{Start.AddMinutes(minute):yyyy-MM-dd'T'HH:mm:ss'Z'}}","eventSource":"{{source}}","eventName":"{{name}}","awsRegion":"us-east-1","recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ada"} {{more}} }"""
        ) + "\n";

    private static string DirectPolicy(string actor, int minute, string user = "tom") =>
        JsonSerializer.Serialize(
            new
            {
                eventVersion = "1.08",
                eventID = $"policy-{minute}",
                eventTime = Start.AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                eventSource = "iam.amazonaws.com",
                eventName = "AttachUserPolicy",
                awsRegion = "us-east-1",
                recipientAccountId = "111122223333",
                userIdentity = new { type = "IAMUser", arn = $"arn:aws:iam::111122223333:user/{actor}" },
                requestParameters = new { userName = user, policyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess" },
            }
        ) + "\n";

    private static (string?, string?) VerdictOf(JsonElement row) => (row.GetProperty("verdict").GetString(), row.GetProperty("sureness").GetString());

    private static IEnumerable<string> Gaps(JsonElement row) => row.GetProperty("gaps").EnumerateArray().Select(gap => gap.GetProperty("needed").GetString()!);

    [GeneratedRegex("<style>(?<style>.*)</style>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Styles();

    [GeneratedRegex("<", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tags();

    private Task<int> PageAsync(string name)
    {
        _shell.Write("t/a.json", DirectPolicy(name, 0, name));
        return _shell.RunAsync("practices", Path.Combine(_shell.Folder, "t"), "--rules", Places.Rules, "--output", "html");
    }

    private Task<int> RunAsync(params IReadOnlyList<string> more) =>
        _shell.RunAsync(["practices", Path.Combine(_shell.Folder, "t"), "--rules", Places.Rules, "--output", "json", .. more]);

    private JsonElement Card() => JsonDocument.Parse(_shell.Out).RootElement;

    private List<JsonElement> Rows() => [.. Card().GetProperty("practices").EnumerateArray()];

    private JsonElement Row(string slug) => Rows().Single(row => row.GetProperty("practice").GetString() == slug);
}

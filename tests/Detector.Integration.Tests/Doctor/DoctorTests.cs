using System.Diagnostics;
using System.Text.Json.Nodes;
using Detector.Adapters.Aws;
using Detector.Adapters.Aws.Inspection;
using Detector.Adapters.Ledgers;
using Detector.App;
using Detector.App.Doctor;
using Detector.App.Options;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;
using Detector.Integration.Tests.Live;
using Detector.Integration.Tests.Slack;
using Microsoft.Data.Sqlite;

namespace Detector.Integration.Tests.Doctor;

public sealed class DoctorTests(Emulator emulator) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("doctor-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("events", "list-rules")]
    [InlineData("events", "list-targets-by-rule", "--rule", "detector-1")]
    [InlineData("events", "test-event-pattern", "--event-pattern", "{}", "--event", "{}")]
    [InlineData("cloudtrail", "describe-trails")]
    [InlineData("cloudtrail", "get-trail-status", "--name", "main")]
    [InlineData("cloudtrail", "get-event-selectors", "--trail-name", "main")]
    [InlineData("sts", "get-caller-identity")]
    public async Task AwsFake_RealCli_ReadsItsAnswers(params string[] arguments)
    {
        await using var fake = await AwsFake.StartAsync();
        var start = new ProcessStartInfo(
            Requires.AwsCli(),
            [.. arguments, "--endpoint-url", fake.Url.OriginalString, "--region", "us-east-1", "--output", "json"]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";

        using var cli = Process.Start(start)!;
        var (said, complaint) = (await cli.StandardOutput.ReadToEndAsync(Cancellation), await cli.StandardError.ReadToEndAsync(Cancellation));
        await cli.WaitForExitAsync(Cancellation);

        Assert.True(cli.ExitCode == 0, complaint);
        Assert.NotEmpty(JsonNode.Parse(said)!.AsObject());
    }

    [Fact]
    public async Task LedgerCheck_Redis_TellsWhatItMayLose()
    {
        await using var safe = await RedisServer.StartAsync();
        await using var unsafely = await RedisServer.StartAsync("--appendfsync", "everysec");
        await using var forgetful = await RedisServer.StartAsync("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        await safe.AskAsync("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@read", "+@connection", "+info", "+eval", "+evalsha", "+script");
        await safe.AskAsync("ACL", "SETUSER", "elsewhere", "on", ">secret", "~other:*", "+@all");
        await safe.AskAsync("ACL", "SETUSER", "bare", "on", ">secret", "+@connection", "+info");

        Assert.Equal((FindingState.Ok, "Redis answers"), Look(safe.Connection));
        Assert.Equal((FindingState.Warning, "appendfsync everysec"), Look(unsafely.Connection));
        Assert.Equal((FindingState.Warning, "maxmemory-policy allkeys-lru"), Look(forgetful.Connection));
        Assert.Equal((FindingState.Problem, "ledger.redis 127.0.0.1"), Look("127.0.0.1:1,connectTimeout=500,connectRetry=1"));
        Assert.Contains("it does not allow the user set getdel del ", Find($"{safe.Connection},user=reader,password=secret").What, StringComparison.Ordinal);
        Assert.Contains("it does not allow the user ", Find($"{safe.Connection},user=elsewhere,password=secret").What, StringComparison.Ordinal);
        Assert.Contains("it does not allow the user scripts (NOPERM", Find($"{safe.Connection},user=bare,password=secret").What, StringComparison.Ordinal);
        Assert.Equal((FindingState.Warning, "the default user has no password"), Look($"{safe.Connection},password=a-secret-that-nobody-asks-for"));
        Assert.Equal(0, (long)await safe.AskAsync("DBSIZE"));
        await safe.AskAsync("CONFIG", "SET", "requirepass", "the-secret");
        Assert.Equal((FindingState.Ok, "Redis answers"), Look($"{safe.Connection},password=the-secret"));
        Assert.Contains("it does not take the user or the password", Find($"{safe.Connection},password=another-secret").What, StringComparison.Ordinal);

        static (FindingState, string) Look(string connection) => Find(connection) is var finding ? (finding.State, finding.What.Split(',', ':')[0]) : default;

        static Finding Find(string connection)
        {
            var redis = new RedisOptions(new Secret(connection), "detector", Wait: 0, Lease: TimeSpan.FromSeconds(10), SeenMegabytes: 1);
            var finding = Assert.Single(LedgerCheck.Look(new LedgerOptions(null, redis, TimeSpan.FromDays(30), default), TimeProvider.System));
            Assert.Equal(finding.State == FindingState.Ok, finding.Mend is null);
            Assert.DoesNotContain("secret", finding.What, StringComparison.Ordinal);
            return finding;
        }
    }

    [Fact]
    public async Task LedgerCheck_AnotherProgramKeepsTheFileLocked_IsAProblem()
    {
        var file = Path.Combine(_folder, "detector.db");
        await using var ledger = SqliteLedger.Open(file, "test", TimeProvider.System, new Notices());
        Assert.Equal(FindingState.Ok, Find().State);
        var beside = Directory.GetFiles(_folder).Order(StringComparer.Ordinal).ToList();

        using (var other = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            other.Open();
            using var begin = new SqliteCommand("BEGIN IMMEDIATE", other);
            begin.ExecuteNonQuery();
            Assert.Equal((FindingState.Problem, $"{file} is locked by another program: nothing can be written down"), (Find().State, Find().What));
        }

        Assert.Equal(FindingState.Ok, Find().State);
        Assert.Equal(beside, Directory.GetFiles(_folder).Order(StringComparer.Ordinal));

        Finding Find() => Assert.Single(LedgerCheck.Look(new LedgerOptions(file, null, TimeSpan.FromDays(30), default), TimeProvider.System));
    }

    [Fact]
    public async Task AccountReader_Answers_AreRead()
    {
        await using var fake = await AwsFake.StartAsync();
        using var reader = AwsClients.Account(new AwsPlace("us-east-1", fake.Url.OriginalString), credentials: Emulator.Credentials);

        var rules = await reader.RulesAsync("detector", Cancellation);
        var trail = Assert.Single(await reader.TrailsAsync(Cancellation));
        var events = await reader.ManagementEventsAsync(trail.Arn, Cancellation);

        Assert.Equal(["detector-1", "nightly"], rules.Select(rule => rule.Name));
        Assert.Null(rules[1].Pattern);
        Assert.Equal(new TrailState("main", "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", true, true, true, false), trail);
        Assert.Equal((true, true, "kms.amazonaws.com"), (events.Reads, events.Writes, Assert.Single(events.ExcludedSources)));
        Assert.Equal(new TrailStatus(true, null), await reader.TrailStatusAsync(trail.Arn, Cancellation));
        Assert.True(await reader.PassesAsync("{}", "{}", Cancellation));
        Assert.Equal("111122223333", (await reader.CallerAsync(Cancellation)).Account);
        Assert.Equal("detector", fake.Asked.First().Request!["EventBusName"]!.GetValue<string>());
    }

    [Fact]
    public async Task AccountReader_DeniedCall_NamesThePermission()
    {
        await using var fake = await AwsFake.StartAsync();
        fake.Denied.Add("AWSEvents.ListRules");
        using var reader = AwsClients.Account(new AwsPlace("us-east-1", fake.Url.OriginalString), credentials: Emulator.Credentials);

        var refused = await Assert.ThrowsAsync<AwsCallException>(() => reader.RulesAsync(null, Cancellation));

        Assert.True(refused.IsDenied);
        Assert.Equal("events:ListRules", refused.Permission);
    }

    [Fact]
    public async Task Doctor_QueueAndTopicOfTheEmulator_AreLookedAt()
    {
        await emulator.RequireAsync();
        await using var aws = await AwsFake.StartAsync();
        await using var slack = await SlackFake.StartAsync();
        var dead = await emulator.CreateQueueAsync();
        var queue = await emulator.CreateQueueAsync(dead);
        var topic = await emulator.CreateTopicAsync();
        await emulator.SubscribeAsync(topic, raw: true);
        await emulator.Sqs.SendMessageAsync(dead, "{}", Cancellation);
        var config = Path.Combine(_folder, "detector.yaml");
        await File.WriteAllTextAsync(
            config,
            $$"""
            queue: {url: '{{queue}}', region: us-east-1, serviceUrl: '{{emulator.Address.OriginalString}}'}
            sns: {topic: '{{topic}}', serviceUrl: '{{emulator.Address.OriginalString}}'}
            slack: {webhook: '{{slack.Url}}'}
            ledger: {file: '{{_folder}}/detector.db'}
            """,
            Cancellation
        );

        var (code, findings) = await DoctorAsync("--config", config, "--service-url", aws.Url.OriginalString);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal("problem", StateOf(findings, "dead letters"));
        Assert.Equal("ok", StateOf(findings, "queue"));
        Assert.Equal("ok", StateOf(findings, "topic"));
        Assert.Equal("ok", StateOf(findings, "subscriptions"));
        Assert.Equal("ok", StateOf(findings, "slack"));
        Assert.Equal("ok", StateOf(findings, "credentials"));
        Assert.Empty(slack.Channel);
    }

    /// <summary>Who has neither queue nor topic has no region either.</summary>
    [Fact]
    public async Task Doctor_SlackAloneAndNoRegion_LooksAtSlackAndItsRoutes()
    {
        await using var slack = await SlackFake.StartAsync();
        var (config, webhook) = (Path.Combine(_folder, "detector.yaml"), Path.Combine(_folder, "hook"));
        await File.WriteAllTextAsync(webhook, slack.Url.OriginalString, Cancellation);
        await File.WriteAllTextAsync(
            config,
            $"slack: {{webhookFile: '{webhook}', routes: [webhookFile={webhook} rule=root-usag]}}\nledger: {{file: '{_folder}/detector.db'}}\n",
            Cancellation
        );

        var (code, findings) = await DoctorAsync("--config", config);

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(["warning", "ok"], findings.Where(one => one["part"]!.GetValue<string>() == "slack").Select(one => one["state"]!.GetValue<string>()));
        Assert.Contains(findings, one => one.ToJsonString().Contains("root-usage may be meant", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_WrongConfiguration_IsWrongUsage()
    {
        var config = Path.Combine(_folder, "detector.yaml");
        await File.WriteAllTextAsync(config, "queu: {url: x}\n", Cancellation);

        Assert.Equal(ExitCode.Usage, (await DoctorAsync("--config", config)).Code);
    }

    private static string? StateOf(IEnumerable<JsonNode> findings, string part) =>
        findings.First(finding => finding["part"]!.GetValue<string>() == part)["state"]!.GetValue<string>();

    private async Task<(int Code, IReadOnlyList<JsonNode> Findings)> DoctorAsync(params string[] arguments)
    {
        await using var detector = DetectorProcess.Start(_folder, ["doctor", "--output", "json", .. arguments]);
        var code = await detector.ExitAsync();
        return (code, [.. detector.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)]);
    }
}

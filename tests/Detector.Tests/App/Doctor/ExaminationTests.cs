using System.Net;
using Detector.Adapters.Aws.Inspection;
using Detector.App;
using Detector.App.Doctor;
using Detector.App.Infra;
using Detector.App.Options;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Doctor;

public sealed class ExaminationTests : IDisposable
{
    private static readonly Lazy<RuleLoad> Rules = new(() => RuleLoad.From([Places.Rules]));
    private static readonly Lazy<PatternPlan> Plan = new(() => PatternPlan.For(Rules.Value.Rules, EventPattern.DefaultLimit));

    private readonly FakeAccount _account = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("doctor-").FullName;
    private readonly Web _web;
    private RuleLoad _rules = Rules.Value;
    private readonly Dictionary<string, string> _settings;

    public ExaminationTests()
    {
        _web = new Web(_time);
        _settings = new(StringComparer.Ordinal)
        {
            ["DETECTOR_QUEUE__URL"] = FakeAccount.QueueUrl,
            ["DETECTOR_SNS__TOPIC"] = FakeAccount.TopicArn,
            ["DETECTOR_LEDGER__FILE"] = Path.Combine(_folder, "detector.db"),
            ["DETECTOR_SLACK__WEBHOOK"] = "https://hooks.slack.com/services/T00000000/B00000000/aSecretOfTheWebhook",
            ["DETECTOR_DEPLOYMENT__RULES"] = "detector-*",
        };
        foreach (var (index, pattern) in Plan.Value.Patterns.Index())
            _account.Has(index + 1, pattern.Json);
    }

    public void Dispose()
    {
        _web.Dispose();
        _account.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Run_AllIsWell_FindsNothingToMend()
    {
        var findings = await RunAsync();

        Assert.All(findings, finding => Assert.True(finding.State == FindingState.Ok, finding.ToString()));
        Assert.Equal(
            ["program", "ledger", "credentials", "clock", "trail", "queue", "dead letters", "rules", "patterns", "topic", "subscriptions", "slack"],
            findings.Select(finding => finding.Part).Distinct()
        );
        Assert.Equal(0, _account.Tried);
    }

    [Theory]
    [InlineData("rules", "is off")]
    [InlineData("rules", "not for calls that only read")]
    [InlineData("rules", "does not send to the queue")]
    [InlineData("rules", "there is no rule other")]
    [InlineData("rules", "no rule sends events to the queue")]
    [InlineData("queue policy", "does not let EventBridge send")]
    [InlineData("rules", "does not let them send: detector-1, detector-2")]
    [InlineData("queue policy", "lets events.amazonaws.com send for any account")]
    [InlineData("queue policy", "lets s3.amazonaws.com send for any account")]
    [InlineData("queue policy", "lets everybody do sqs:sendmessage: anybody can forge events")]
    [InlineData("queue policy", "lets everybody do sqs:deletemessage: anybody can take events away")]
    [InlineData("queue", "which EventBridge may not use")]
    [InlineData("dead letters", "were received 3 times and not settled: 2")]
    [InlineData("dead letters", "there is no queue detector-events-dead")]
    [InlineData("dead letters", "has no dead-letter queue")]
    [InlineData("dead letters", "go to detector-events-dead, not to")]
    [InlineData("trail", "has no trail")]
    [InlineData("trail", "does not record")]
    [InlineData("trail", "one region alone")]
    [InlineData("trail", "no management events that read")]
    [InlineData("trail", "cannot deliver")]
    [InlineData("subscriptions", "nobody is subscribed")]
    [InlineData("subscriptions", "wait for confirmation, and nobody else")]
    [InlineData("topic", "anybody can forge alerts")]
    [InlineData("topic", "anybody can read alerts")]
    [InlineData("credentials", "AWS does not take the caller")]
    [InlineData("slack", "not in force: no_service")]
    [InlineData("slack", "does not look like Slack's")]
    [InlineData("clock", "300 s behind")]
    [InlineData("ledger", "is no database")]
    public async Task Run_BrokenPart_IsAProblemWithItsMend(string part, string what)
    {
        Break(what);

        var findings = await RunAsync();

        var finding = Assert.Single(
            findings.DistinctBy(one => (one.Part, one.What.Contains(what, StringComparison.Ordinal))),
            one => one.Part == part && one.What.Contains(what, StringComparison.Ordinal)
        );
        Assert.Equal(FindingState.Problem, finding.State);
        Assert.False(string.IsNullOrEmpty(finding.Mend));
        Assert.DoesNotContain("aSecretOfTheWebhook", string.Join('\n', findings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RuleIsOff_IsTurnedOnWithItsPatternForCallsThatOnlyRead()
    {
        Break("is off");

        var mend = Assert.Single(await RunAsync(), finding => finding is { Part: "rules", State: FindingState.Problem }).Mend;

        Assert.Equal(
            "aws events put-rule --name detector-1 --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS --event-pattern "
                + "\"$(aws events describe-rule --name detector-1 --query EventPattern --output text)\", and ask who disabled it",
            mend
        );
    }

    [Fact]
    public async Task Run_OnlyRuleIsOff_DoesNotSayThatThereIsNone()
    {
        _account.Rules.Clear();
        _account.Has(1, EventPattern.Everything.Json, "DISABLED");

        Assert.Equal(["rules"], (await RunAsync()).Where(finding => finding.State == FindingState.Problem).Select(finding => finding.Part));
    }

    [Fact]
    public async Task Run_NoRuleNeedsCallsThatOnlyRead_StateWithoutThemIsFine()
    {
        var rules = Directory.CreateDirectory(Path.Combine(_folder, "rules")).FullName;
        File.WriteAllText(
            Path.Combine(rules, "r.yml"),
            """
            title: Key made
            logsource: {product: aws, service: cloudtrail}
            detection: {a: {eventSource: iam.amazonaws.com, eventName: CreateAccessKey}, condition: a}
            level: high
            """
        );
        _rules = RuleLoad.From([rules]);
        Break("not for calls that only read");

        var findings = await RunAsync();

        Assert.Contains(
            findings,
            finding =>
                finding is { Part: "rules", State: FindingState.Ok, What: "detector-1 is on; no rule asks for calls that only read, so they are left out" }
        );
        Assert.DoesNotContain(findings, finding => finding.State == FindingState.Problem);
    }

    [Fact]
    public async Task Run_FifoTopic_SaysThatItPagesNobody()
    {
        _settings["DETECTOR_SNS__TOPIC"] = FakeAccount.TopicArn + ".fifo";

        var findings = await RunAsync();

        Assert.Contains(findings, one => one.State == FindingState.Warning && one.What.Contains("it pages nobody", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_PatternWithoutARulesEvents_NamesTheRule()
    {
        _account.Rules.Clear();
        _account.Has(1, """{"source":["aws.iam","aws.ec2","aws.signin","aws.sts"],"detail-type":["AWS API Call via CloudTrail"]}""");

        var problem = Assert.Single(await RunAsync(), finding => finding.Part == "patterns");

        Assert.Equal(FindingState.Problem, problem.State);
        Assert.Contains("rules miss events that they need", problem.What, StringComparison.Ordinal);
        Assert.Contains("access-key-dormant-used (userIdentity.accessKeyId begins with AKIA", problem.What, StringComparison.Ordinal);
        Assert.True(_account.Tried > 0);
    }

    [Fact]
    public async Task Run_PatternOfEverything_IsFine()
    {
        _account.Rules.Clear();
        _account.Has(1, """{ "detail-type": [ { "suffix": "via CloudTrail" } ] }""");

        Assert.Equal(FindingState.Ok, Assert.Single(await RunAsync(), finding => finding.Part == "patterns").State);
    }

    [Fact]
    public async Task Run_EverythingOnTheForwardedBus_DoesNotStandInForTheAccountsOwn()
    {
        _settings["DETECTOR_DEPLOYMENT__BUS"] = "detector";
        _account.Forwarded.Add(new RuleState("detector-forwarded", "arn", PatternPlan.State, EventPattern.Everything.Json));
        Assert.Equal(FindingState.Ok, Assert.Single(await RunAsync(), finding => finding.Part == "patterns").State);

        _account.Rules.RemoveRange(1, _account.Rules.Count - 1);

        Assert.Equal(FindingState.Problem, Assert.Single(await RunAsync(), finding => finding.Part == "patterns").State);
    }

    [Fact]
    public async Task Run_OtherWiderPattern_IsTriedAndFine()
    {
        Wider();

        Assert.Equal(FindingState.Ok, Assert.Single(await RunAsync(), finding => finding.Part == "patterns").State);
        Assert.True(_account.Tried > 100);
    }

    [Theory]
    [InlineData("sqs:GetQueueAttributes", "queue")]
    [InlineData("sqs:GetQueueUrl", "dead letters")]
    [InlineData("events:ListRules", "rules")]
    [InlineData("events:ListTargetsByRule", "rules")]
    [InlineData("events:TestEventPattern", "patterns")]
    [InlineData("cloudtrail:DescribeTrails", "trail")]
    [InlineData("cloudtrail:GetTrailStatus", "trail")]
    [InlineData("cloudtrail:GetEventSelectors", "trail")]
    [InlineData("sns:GetTopicAttributes", "topic")]
    [InlineData("sns:ListSubscriptionsByTopic", "subscriptions")]
    public async Task Run_DeniedPermission_IsNamedAndTheRestIsLookedAt(string permission, string part)
    {
        _account.Denied.Add(permission);
        if (permission == "events:TestEventPattern")
            Wider();

        var findings = await RunAsync();

        var unknown = Assert.Single(findings, finding => finding.State == FindingState.Unknown && finding.Part == part);
        Assert.Contains(permission, unknown.What, StringComparison.Ordinal);
        Assert.Contains(permission, unknown.Mend!, StringComparison.Ordinal);
        Assert.DoesNotContain(findings, finding => finding.State == FindingState.Problem);
        Assert.Contains(findings, finding => finding.Part == "slack");
    }

    [Fact]
    public async Task Run_OneCallOfATrailIsDenied_TellsWhatTheOthersShow()
    {
        _account.Denied.Add("cloudtrail:GetTrailStatus");
        _account.Events = new ManagementEvents(true, false, []);
        Break("one region alone");

        var findings = (await RunAsync()).Where(finding => finding.Part == "trail").ToList();

        Assert.Equal([FindingState.Unknown, FindingState.Problem, FindingState.Problem], findings.Select(finding => finding.State));
        Assert.Contains("management events that write", findings[1].What, StringComparison.Ordinal);
        Assert.Contains("one region alone", findings[2].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Slack_IsPostedNothingThatItWouldShow()
    {
        await RunAsync();

        Assert.Equal(["{}"], _web.Posted);
    }

    private void Break(string what)
    {
        switch (what)
        {
            case "is off":
                _account.Rules[0] = _account.Rules[0] with { State = "DISABLED" };
                break;
            case "not for calls that only read":
                _account.Rules[0] = _account.Rules[0] with { State = "ENABLED" };
                break;
            case "does not send to the queue" or "no rule sends events to the queue":
                _account.Targets.Clear();
                break;
            case "there is no rule other":
                _settings["DETECTOR_DEPLOYMENT__RULES"] = "detector-*,other";
                break;
            case "does not let EventBridge send":
                _account.Queue.Remove("Policy");
                break;
            case "does not let them send: detector-1, detector-2":
                _account.Queue["Policy"] = _account.Queue["Policy"].Replace("rule/detector-", "rule/renamed-", StringComparison.Ordinal);
                break;
            case "lets events.amazonaws.com send for any account":
                _account.Queue["Policy"] =
                    """{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"SQS:SendMessage","Resource":"*"}}""";
                break;
            case "lets s3.amazonaws.com send for any account":
                Add("""{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"SQS:SendMessage","Resource":"*"}""");
                break;
            case "lets everybody do sqs:sendmessage: anybody can forge events":
                Add("""{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sqs:*"],"Resource":"*"}""");
                break;
            case "lets everybody do sqs:deletemessage: anybody can take events away":
                Add("""{"Effect":"Allow","Principal":"*","Action":"sqs:DeleteMessage","Resource":"*"}""");
                break;
            case "which EventBridge may not use":
                _account.Queue["KmsMasterKeyId"] = "alias/aws/sqs";
                break;
            case "were received 3 times and not settled: 2":
                _account.Queue["RedrivePolicy"] = _account.Queue["RedrivePolicy"].Replace("5", "3", StringComparison.Ordinal);
                _account.Dead["ApproximateNumberOfMessages"] = "2";
                break;
            case "there is no queue detector-events-dead":
                _account.Fails["sqs:GetQueueUrl"] = "AWS.SimpleQueueService.NonExistentQueue";
                break;
            case "AWS does not take the caller":
                _account.Fails["sts:GetCallerIdentity"] = "SignatureDoesNotMatch";
                break;
            case "has no dead-letter queue":
                _account.Queue.Remove("RedrivePolicy");
                break;
            case "go to detector-events-dead, not to":
                _settings["DETECTOR_DEPLOYMENT__DEAD_LETTERS"] = "mine";
                break;
            case "has no trail":
                _account.Trails.Clear();
                break;
            case "does not record":
                _account.Status = new TrailStatus(false, null);
                break;
            case "one region alone":
                _account.Trails[0] = _account.Trails[0] with { IsMultiRegion = false };
                break;
            case "no management events that read":
                _account.Events = new ManagementEvents(false, true, []);
                break;
            case "cannot deliver":
                _account.Status = new TrailStatus(true, "AccessDenied");
                break;
            case "nobody is subscribed":
                _account.Subscriptions.Clear();
                break;
            case "wait for confirmation, and nobody else":
                _account.Subscriptions[0] = new SubscriptionState("email", false);
                break;
            case "anybody can forge alerts":
                _account.Topic["Policy"] =
                    """{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}""";
                break;
            case "anybody can read alerts":
                _account.Topic["Policy"] = """{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"SNS:Subscribe","Resource":"*"}]}""";
                break;
            case "not in force: no_service":
                _web.Slack = (HttpStatusCode.NotFound, "no_service");
                break;
            case "does not look like Slack's":
                _settings["DETECTOR_SLACK__WEBHOOK"] = "https://hooks.example.com/services/T0/B0/aSecretOfTheWebhook";
                break;
            case "300 s behind":
                _web.Ahead = TimeSpan.FromMinutes(5);
                break;
            case "is no database":
                File.WriteAllText(Path.Combine(_folder, "detector.db"), new string('x', 200));
                break;
            default:
                throw new ArgumentException(what, nameof(what));
        }
    }

    /// <summary>Puts a pattern of somebody's own, which lets more pass, in the place of the detector's.</summary>
    private void Wider()
    {
        _account.Rules.Clear();
        _account.Has(1, """{"detail":{"eventName":[{"exists":true}]}}""");
    }

    /// <summary>Adds a statement to the queue's policy.</summary>
    private void Add(string statement) =>
        _account.Queue["Policy"] = _account.Queue["Policy"].Replace("\"Statement\":[", $"\"Statement\":[{statement},", StringComparison.Ordinal);

    private async Task<IReadOnlyList<Finding>> RunAsync()
    {
        var configuration = Configuration.Load(Path.Combine(_folder, Empty()), _settings, []);
        Assert.Empty(configuration.Errors);
        using var http = new HttpClient(_web, disposeHandler: false);
        return await new Examination(configuration.Options!, _account, _account, http, _rules, _time).RunAsync(TestContext.Current.CancellationToken);
    }

    private string Empty()
    {
        File.WriteAllText(Path.Combine(_folder, "empty.yaml"), "");
        return "empty.yaml";
    }

    /// <summary>Slack, and an endpoint that tells the time.</summary>
    private sealed class Web(TimeProvider time) : HttpMessageHandler
    {
        public List<string> Posted { get; } = [];

        public (HttpStatusCode Status, string Text) Slack { get; set; } = (HttpStatusCode.BadRequest, "no_text");

        public TimeSpan Ahead { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post)
            {
                Posted.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
                return new HttpResponseMessage(Slack.Status) { Content = new StringContent(Slack.Text) };
            }
            var answer = new HttpResponseMessage(HttpStatusCode.Forbidden);
            answer.Headers.Date = time.GetUtcNow() + Ahead;
            return answer;
        }
    }
}

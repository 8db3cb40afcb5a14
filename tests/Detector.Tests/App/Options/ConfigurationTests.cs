using System.Net;
using Detector.App.Options;
using Detector.Core;
using Detector.Core.Rules;

namespace Detector.Tests.App.Options;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("detector-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_NothingGiven_TakesEventsByHttpAndTellsTheConsole()
    {
        var configuration = Load("");

        var options = Assert.IsType<DetectorOptions>(configuration.Options);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8787), options.Intake?.Listen);
        Assert.Equal(Level.Low, options.Console?.Minimum);
        Assert.Equal("detector.db", options.Ledger.File);
        Assert.True(options.Rules.Shipped);
        Assert.Null(options.Queue);
        Assert.Null(options.Slack);
        Assert.Null(options.Sns);
        Assert.Null(options.Jsonl);
        Assert.Empty(configuration.Errors);
    }

    [Fact]
    public void Load_EverythingGiven_IsAllThere()
    {
        var configuration = Load(
            $$"""
            queue:
              url: https://sqs.eu-west-1.amazonaws.com/111122223333/detector-events
              serviceUrl: https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com
              visibility: 1h30m
              wait: 5s
              prefetch: 7
              lateness: 0s
            intake: { listen: "[::1]:9000", bodyLimit: 2048, spool: spool.db, token: abcdefghijklmnopqrst }
            slack: { webhook: "https://hooks.slack.example/services/T/B/x", minimum: high }
            sns: { topic: "arn:aws-cn:sns:cn-north-1:111122223333:alerts", minimum: Critical }
            console: { minimum: informational, color: never }
            jsonl: { file: alerts.jsonl, minimum: low }
            ledger: { memory: true, retention: 21d }
            rules: [+{{_folder}}]
            log: { format: json, level: warning }
            """
        );

        var options = Assert.IsType<DetectorOptions>(configuration.Options);
        Assert.Equal(
            new QueueOptions(
                new Uri("https://sqs.eu-west-1.amazonaws.com/111122223333/detector-events"),
                "eu-west-1",
                new Uri("https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com"),
                TimeSpan.FromMinutes(90),
                TimeSpan.FromSeconds(5),
                7,
                TimeSpan.Zero
            ),
            options.Queue
        );
        Assert.Equal(
            (new IPEndPoint(IPAddress.IPv6Loopback, 9000), 2048, "spool.db"),
            (options.Intake!.Listen, options.Intake.BodyLimit, options.Intake.Spool)
        );
        Assert.Equal("abcdefghijklmnopqrst", options.Intake.Token?.Reveal());
        Assert.Equal(("https://hooks.slack.example/services/T/B/x", Level.High), (options.Slack!.To.Webhook!.Reveal(), options.Slack.Minimum));
        Assert.Equal(new SnsOptions("arn:aws-cn:sns:cn-north-1:111122223333:alerts", "cn-north-1", null, Level.Critical), options.Sns);
        Assert.Equal(new ConsoleOptions(Level.Informational, ColorChoice.Never), options.Console);
        Assert.Equal(new JsonlOptions("alerts.jsonl", Level.Low), options.Jsonl);
        Assert.Equal(new LedgerOptions(null, null, TimeSpan.FromDays(21), TimeSpan.FromDays(7)), options.Ledger);
        Assert.True(options.Rules.Shipped);
        Assert.Equal([_folder], options.Rules.Directories);
        Assert.Equal(new LogOptions(LogFormat.Json, NoticeSeverity.Warning), options.Log);
    }

    [Fact]
    public void Load_ManyFaults_TellsThemAllWithTheirLines()
    {
        var configuration = Load(
            """
            queue:
              urll: https://sqs.eu-west-1.amazonaws.com/111122223333/q
              visibility: 5x
            slak:
              webhook: https://hooks.slack.example/x
            console:
              minimum: hihg
            log: loud
            """,
            ("DETECTOR_LOG__LEVEL", "chatty")
        );

        Assert.Null(configuration.Options);
        Assert.Equal(
            [
                "FILE:2: queue.urll: is no setting; did you mean queue.url?",
                "FILE:3: queue.visibility: \"5x\" is no duration such as 30s, 5m, 2h or 7d",
                "FILE:4: slak: is no setting; did you mean slack?",
                "FILE:7: console.minimum: \"hihg\" is none of informational, low, medium, high or critical; did you mean high?",
                "FILE:8: log: is a group of keys: log.format, log.level",
                "queue.url: is missing: without it the other keys of queue do nothing",
                "$DETECTOR_LOG__LEVEL: log.level: \"chatty\" is none of information, warning or error",
            ],
            Told(configuration)
        );
    }

    [Theory]
    [InlineData("queue: {url: 'https://example.com/q'}", "queue.region: is missing: the queue's URL does not tell the region")]
    [InlineData(
        "queue: {url: 'https://user:pw@example.com/q'}",
        "FILE:1: queue.url: the URL given is no http or https URL, without user name, query and fragment"
    )]
    [InlineData(
        "slack: {minimum: 'https://hooks.slack.example/sesame'}",
        "FILE:1: slack.minimum: the URL given is none of informational, low, medium, high or critical"
    )]
    [InlineData("queue: {prefetch: 0}", "FILE:1: queue.prefetch: \"0\" is no whole number from 1 to 1000")]
    [InlineData("queue: {wait: 21s}", "FILE:1: queue.wait: \"21s\" is outside 1s to 20s")]
    [InlineData("queue: {wait: [1s]}", "FILE:1: queue.wait: one value expected: duration, 1s to 20s")]
    [InlineData(
        "intake: {listen: 0.0.0.0:80}",
        "FILE:1: intake.listen: 0.0.0.0:80 is reachable by others: give intake.token or intake.tokenFile, or listen on 127.0.0.1"
    )]
    [InlineData("intake: {listen: '::1:80'}", "FILE:1: intake.listen: \"::1:80\" is no address and port such as 127.0.0.1:8787 or [::1]:8787")]
    [InlineData("intake: {listen: 127.0.0.1}", "FILE:1: intake.listen: \"127.0.0.1\" is no address and port such as 127.0.0.1:8787 or [::1]:8787")]
    [InlineData("intake: {token: short}", "FILE:1: intake.token: the value is no token: 16 or more visible ASCII characters")]
    [InlineData("slack: {minimum: low}", "slack.webhook: is missing: without it the other keys of slack do nothing")]
    [InlineData("slack: {webhook: 'http://hooks.slack.example/x'}", "FILE:1: slack.webhook: the value is no https URL")]
    [InlineData("slack: {webhookFile: /nowhere/at/all}", "FILE:1: slack.webhookFile: names no file that can be read")]
    [InlineData("slack: {webhookFile: 'https://hooks.slack.example/sesame'}", "FILE:1: slack.webhookFile: names no file that can be read")]
    [InlineData("intake: {tokenFile: sesame-open-yourself}", "FILE:1: intake.tokenFile: names no file that can be read")]
    [InlineData("slack: {webhook:https://hooks.slack.example/sesame}", "FILE:1: slack.webhook:…: is no setting; did you mean slack.webhook?")]
    [InlineData("queue: {wait: 1500ms}", "FILE:1: queue.wait: \"1500ms\" is not in whole seconds")]
    [InlineData("queue: {visibility: 12h}", "FILE:1: queue.visibility: \"12h\" is outside 10s to 11h")]
    [InlineData("ledger: {retention: 7d}", "FILE:1: ledger.retention: \"7d\" is outside 14d to 3650d")]
    [InlineData("sns: {topic: alerts}", "FILE:1: sns.topic: \"alerts\" is no topic such as arn:aws:sns:eu-west-1:111122223333:alerts")]
    [InlineData("sns: {region: here}", "FILE:1: sns.region: \"here\" is no AWS region such as eu-west-1")]
    [InlineData("ledger: {memory: true, file: x.db}", "FILE:1: ledger.memory: and ledger.file exclude each other")]
    [InlineData("ledger: {redis: 'h:6379', file: x.db}", "FILE:1: ledger.file: and ledger.redis exclude each other")]
    [InlineData("ledger: {lease: 5s}", "FILE:1: ledger.lease: is missing ledger.redis, without which it does nothing")]
    [InlineData(
        "ledger: {redis: 'h:6379', prefix: 'a{b}'}",
        "FILE:1: ledger.prefix: \"a{b}\" is no name of up to 64 letters, digits, hyphens, underscores, dots and colons"
    )]
    [InlineData("ledger: {memory: yes}", "FILE:1: ledger.memory: \"yes\" is neither true nor false")]
    [InlineData("jsonl: {file: ./detector.db}", "FILE:1: jsonl.file: names the file of ledger.file: each needs its own")]
    [InlineData("jsonl: {file: /}", "FILE:1: jsonl.file: \"/\" is a directory")]
    [InlineData("jsonl: {file: /nowhere/alerts.jsonl}", "FILE:1: jsonl.file: \"/nowhere/alerts.jsonl\" lies in no directory that is there")]
    [InlineData("rules: [/nowhere]", "FILE:1: rules: \"/nowhere\" is no directory")]
    [InlineData("console: {enabled: false}", "FILE:1: console.enabled: leaves nowhere for alerts to go: turn on console, slack, sns or jsonl")]
    [InlineData("Queue: {url: x}", "FILE:1: Queue: is no setting; did you mean queue?")]
    [InlineData("\"que\\u001b[2Jue\": 1", "FILE:1: que\\u001b[2Jue: is no setting")]
    [InlineData("[]", "FILE:1: is no mapping of settings")]
    [InlineData("log: {}\n---\nlog: {}", "FILE:3: a second document: settings belong into one")]
    [InlineData("log:\n  level: error\n  level: error", "FILE:3: is no YAML: a key stands there twice")]
    [InlineData("intake:\n  token: *sesame", "FILE: is no YAML: there is no anchor for an alias: a value that begins with * must stand in quotes")]
    [InlineData(
        "intake:\n  token: !sesame",
        "FILE:2: intake.token: begins with a character that YAML takes for itself (! or &): a value that is meant so must stand in quotes"
    )]
    [InlineData(
        "intake:\n  token: &sesame",
        "FILE:2: intake.token: begins with a character that YAML takes for itself (! or &): a value that is meant so must stand in quotes"
    )]
    public void Load_OneFault_TellsIt(string yaml, string error)
    {
        var configuration = Load(yaml);

        Assert.Null(configuration.Options);
        Assert.Contains(error, Told(configuration));
    }

    [Theory]
    [InlineData("slack:\n  sesame: 1\n  sesame: 2")]
    [InlineData("slack:\n  webhook: *sesame")]
    [InlineData("slack:\n  webhook: !sesame")]
    [InlineData("slack:\n  webhook: %sesame")]
    [InlineData("slack:\n  webhook: @sesame")]
    [InlineData("slack: {webhook: 'sesame'x}")]
    public void Load_NoYaml_DoesNotRepeatTheFile(string yaml) => Assert.DoesNotContain("sesame", Assert.Single(Told(Load(yaml))), StringComparison.Ordinal);

    [Fact]
    public void Load_NamedFileMissing_IsAnError()
    {
        var configuration = Configuration.Load(Path.Combine(_folder, "none.yaml"), [], []);

        Assert.Contains("cannot be read", Assert.Single(configuration.Errors).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_EnvironmentAndFlags_WinOverTheFile()
    {
        var configuration = Load(
            $"ledger: {{file: a.db, retention: 20d}}\nrules: [+{_folder}]",
            [("DETECTOR_LEDGER__FILE", "b.db"), ("DETECTOR_RULES", $"+{_folder}, +{_folder}"), ("DETECTOR_CONSOLE__COLOR", "")],
            [_folder]
        );

        var options = Assert.IsType<DetectorOptions>(configuration.Options);
        Assert.Equal(new LedgerOptions("b.db", null, TimeSpan.FromDays(20), TimeSpan.FromDays(7)), options.Ledger);
        Assert.False(options.Rules.Shipped);
        Assert.Equal([_folder], options.Rules.Directories);
    }

    [Theory]
    [InlineData("DETECTOR_SLACK_WEBHOOK", "$DETECTOR_SLACK_WEBHOOK: is no setting; did you mean DETECTOR_SLACK__WEBHOOK?")]
    [InlineData("DETECTOR_QUEUE", "$DETECTOR_QUEUE: is a group of settings, such as DETECTOR_QUEUE__URL")]
    [InlineData("DETECTOR_CLOCK__SPEED", "$DETECTOR_CLOCK__SPEED: is no setting")]
    public void Load_MistypedVariable_IsAnErrorThatDoesNotShowItsValue(string variable, string error)
    {
        var configuration = Load("", (variable, "sesame"));

        Assert.Equal([error], Told(configuration));
    }

    [Theory]
    [InlineData("DETECTOR_SERVICE_HOST")]
    [InlineData("DETECTOR_PORT_8787_TCP")]
    [InlineData("PATH")]
    public void Load_VariableOfSomebodyElse_IsLeftAlone(string variable)
    {
        var configuration = Load("", (variable, "x"));

        Assert.NotNull(configuration.Options);
    }

    [Theory]
    [InlineData("DETECTOR_SLACK__WEBHOOKFILE")]
    [InlineData("DETECTOR_SLACK__WEBHOOK_FILE")]
    public void Load_SecretInAFile_IsReadFromThere(string variable)
    {
        var file = Path.Combine(_folder, "webhook");
        File.WriteAllText(file, "https://hooks.slack.example/services/T/B/x\n");

        var configuration = Load("", (variable, file));

        Assert.Equal("https://hooks.slack.example/services/T/B/x", configuration.Options?.Slack?.To.Webhook?.Reveal());
    }

    [Fact]
    public void Load_SecretGivenTwice_IsAnError()
    {
        var file = Path.Combine(_folder, "token");
        File.WriteAllText(file, "abcdefghijklmnopqrst");

        var configuration = Load($"intake: {{tokenFile: {file}}}", ("DETECTOR_INTAKE__TOKEN", "abcdefghijklmnopqrst"));

        Assert.Equal(["FILE:1: intake.tokenFile: and intake.token exclude each other"], Told(configuration));
    }

    [Fact]
    public void Load_QueueGiven_LeavesTheIntakeOffUnlessAsked()
    {
        var queue = "queue: {url: 'https://sqs.us-gov-west-1.amazonaws.com/1/q'}\n";

        var alone = Load(queue);
        var both = Load(queue + "intake: {listen: 'localhost:0'}");

        Assert.Equal("us-gov-west-1", alone.Options?.Queue?.Region);
        Assert.Null(alone.Options?.Intake);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 0), both.Options?.Intake?.Listen);
    }

    [Fact]
    public void Given_SecretsAmongThem_ShowsEverythingElse()
    {
        var configuration = Load("slack: {webhook: 'https://hooks.slack.example/sesame', minimum: high}", ("DETECTOR_INTAKE__TOKEN", "sesame-open-yourself"));

        var shown = string.Join('\n', configuration.Given);
        Assert.DoesNotContain("sesame", shown + configuration.Options, StringComparison.Ordinal);
        Assert.Contains("slack.webhook=*** (", shown, StringComparison.Ordinal);
        Assert.Contains("intake.token=*** ($DETECTOR_INTAKE__TOKEN)", shown, StringComparison.Ordinal);
        Assert.Contains("slack.minimum=high (", shown, StringComparison.Ordinal);
        Assert.Equal(["sesame-open-yourself", "https://hooks.slack.example/sesame"], configuration.Options!.Secrets.Select(secret => secret.Reveal()));
    }

    private Configuration Load(string yaml, params (string Name, string Value)[] environment) => Load(yaml, environment, []);

    private Configuration Load(string yaml, (string Name, string Value)[] environment, string[] rules)
    {
        File.WriteAllText(ConfigurationFile, yaml);
        return Configuration.Load(ConfigurationFile, environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)), rules);
    }

    private string ConfigurationFile => Path.Combine(_folder, "detector.yaml");

    private IEnumerable<string> Told(Configuration configuration) =>
        configuration.Errors.Select(error => error.ToString().Replace(ConfigurationFile, "FILE", StringComparison.Ordinal));
}

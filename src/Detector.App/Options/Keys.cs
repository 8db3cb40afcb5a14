using System.Net;
using Detector.Core;
using Detector.Core.Rules;
using static Detector.App.Options.ValueForms;

namespace Detector.App.Options;

/// <summary>Every setting there is, in the order in which people are shown them. The table in docs/settings.md is made from this one.</summary>
internal static class Keys
{
    private static readonly List<ConfigurationKey> Known = [];

    public static readonly ConfigurationKey<Uri> QueueUrl = Key(
        "queue.url",
        Url,
        "The SQS queue that holds the events. Without it the embedded intake takes them."
    );
    public static readonly ConfigurationKey<string> QueueRegion = Key("queue.region", Region, "The queue's region, where its URL does not tell.");
    public static readonly ConfigurationKey<Uri> QueueServiceUrl = Key("queue.serviceUrl", Url, "Another SQS endpoint: an interface endpoint, or an emulator.");
    public static readonly ConfigurationKey<TimeSpan> QueueVisibility = Key(
        "queue.visibility",
        Seconds("10s", "11h"),
        "How long a message stays ours; renewed by itself, well before it runs out, while work on it goes on. After a crash it comes again this much later.",
        "2m"
    );
    public static readonly ConfigurationKey<TimeSpan> QueueWait = Key(
        "queue.wait",
        Seconds("1s", "20s"),
        "How long a receive waits for messages; a stop waits as long.",
        "5s"
    );
    public static readonly ConfigurationKey<int> QueuePrefetch = Key("queue.prefetch", Whole(1, 1000), "Messages that may be in hand at once.", "100");
    public static readonly ConfigurationKey<TimeSpan> QueueLateness = Key(
        "queue.lateness",
        Duration("0s", "1h"),
        "How much later than it happened an event may come and still be judged in its place. Later ones are judged too, and marked late.",
        "2m"
    );

    public static readonly ConfigurationKey<bool> S3Notifications = Key(
        "s3.notifications",
        Flag,
        "Whether S3 tells of new trail files on the queue (directly, by SNS or by EventBridge): they are fetched and judged.",
        "false"
    );
    public static readonly ConfigurationKey<string> S3Region = Key("s3.region", Region, "The buckets' region, if not the queue's.");
    public static readonly ConfigurationKey<Uri> S3ServiceUrl = Key("s3.serviceUrl", Url, "Another S3 endpoint: an interface endpoint, or an emulator.");
    public static readonly ConfigurationKey<TimeSpan> S3Lateness = Key(
        "s3.lateness",
        Duration("0s", "24h"),
        "The same as queue.lateness, which it takes the place of, for events in trail files.",
        "20m"
    );

    public static readonly ConfigurationKey<IPEndPoint> IntakeListen = Key(
        "intake.listen",
        Listener,
        "Where the embedded intake takes events by HTTP. Beside a queue it is on only if a key of its own is given; beyond this machine, only with a token.",
        "127.0.0.1:8787"
    );
    public static readonly ConfigurationKey<Secret> IntakeToken = Key("intake.token", Token, "The bearer token that senders must show.");
    public static readonly ConfigurationKey<string> IntakeTokenFile = Key("intake.tokenFile", FileName, "A file that holds the token.");
    public static readonly ConfigurationKey<int> IntakeBodyLimit = Key(
        "intake.bodyLimit",
        Whole(1024, 64 * 1024 * 1024),
        "Bytes that a request may have.",
        "1048576"
    );
    public static readonly ConfigurationKey<string> IntakeSpool = Key(
        "intake.spool",
        FileName,
        "Holds what was taken in until it is done.",
        "detector-spool.db"
    );
    public static readonly ConfigurationKey<TimeSpan> IntakeLateness = Key(
        "intake.lateness",
        Duration("0s", "1h"),
        "The same as queue.lateness, for the intake.",
        "2m"
    );

    public static readonly ConfigurationKey<Secret> SlackWebhook = Key("slack.webhook", SecretUrl, "Slack's incoming webhook; with it, alerts go to Slack.");
    public static readonly ConfigurationKey<string> SlackWebhookFile = Key("slack.webhookFile", FileName, "A file that holds the webhook.");
    public static readonly ConfigurationKey<Secret> SlackToken = Key(
        "slack.token",
        Token,
        "A Slack bot's token (xoxb-…), in place of a webhook: with it repeats go into a thread. See docs/slack.md."
    );
    public static readonly ConfigurationKey<string> SlackTokenFile = Key("slack.tokenFile", FileName, "A file that holds the bot's token.");
    public static readonly ConfigurationKey<string> SlackChannel = Key("slack.channel", ValueForms.SlackChannel, "The channel that the bot posts to.");
    public static readonly ConfigurationKey<TimeSpan> SlackIncident = Key(
        "slack.incident",
        Duration("1m", "24h"),
        "How far apart, in event time, alerts of one rule about the same actor or group in the same account may be and still share the bot's thread.",
        "1h"
    );
    public static readonly ConfigurationKey<string> SlackRoutes = Key(
        "slack.routes",
        ValueForms.SlackRoutes,
        "Alerts that go elsewhere: to=CHANNEL (with a bot) or webhookFile=FILE, and any of level=, account=, tag=, rule=. An alert goes to every route that takes it, and to slack's own channel or webhook if none does."
    );
    public static readonly ConfigurationKey<Uri> SlackApiUrl = Key(
        "slack.apiUrl",
        Url,
        "Another place of Slack's Web API: GovSlack's, a proxy's, or a test's."
    );
    public static readonly ConfigurationKey<Level> SlackMinimum = Minimum("slack", "medium");

    public static readonly ConfigurationKey<string> Accounts = Key(
        "accounts",
        AccountNames,
        "What people call accounts, as a mapping of ids to names, for alerts. Without it an account's alias, if the trail has told of it."
    );
    public static readonly ConfigurationKey<string> EnrichCity = Key(
        "enrich.city",
        FileName,
        "A MaxMind database of cities or countries (.mmdb): alerts in Slack tell where an address is."
    );
    public static readonly ConfigurationKey<string> EnrichAsn = Key(
        "enrich.asn",
        FileName,
        "A MaxMind database of networks (.mmdb): alerts in Slack tell whose network an address belongs to."
    );

    public static readonly ConfigurationKey<string> SnsTopic = Key(
        "sns.topic",
        TopicArn,
        "The SNS topic that alerts are published to. A FIFO topic reaches SQS queues only, so it pages nobody."
    );
    public static readonly ConfigurationKey<string> SnsRegion = Key("sns.region", Region, "Where to call SNS, if not in the topic's region.");
    public static readonly ConfigurationKey<Uri> SnsServiceUrl = Key("sns.serviceUrl", Url, "Another SNS endpoint: an interface endpoint, or an emulator.");
    public static readonly ConfigurationKey<Level> SnsMinimum = Minimum("sns", "medium");

    public static readonly ConfigurationKey<bool> ConsoleEnabled = Key("console.enabled", Flag, "Whether alerts are written to standard output.", "true");
    public static readonly ConfigurationKey<Level> ConsoleMinimum = Minimum("console", "low");
    public static readonly ConfigurationKey<ColorChoice> ConsoleColor = Key(
        "console.color",
        OneOf<ColorChoice>(),
        "auto: when standard output is a terminal and NO_COLOR is not set.",
        "auto"
    );

    public static readonly ConfigurationKey<string> JsonlFile = Key("jsonl.file", FileName, "A file that gets each alert as a line of JSON, at its end.");
    public static readonly ConfigurationKey<Level> JsonlMinimum = Minimum("jsonl", "informational");

    public static readonly ConfigurationKey<int> DigestAfter = Key(
        "digest.after",
        Whole(1, 1_000_000),
        "Alerts of a digest.period that a sink tells one by one. Further ones of rules that it has told of are told together.",
        "20"
    );
    public static readonly ConfigurationKey<TimeSpan> DigestPeriod = Key(
        "digest.period",
        Duration("10s", "1h"),
        "The time in which they are counted, and the longest that an alert waits for its digest.",
        "5m"
    );

    public static readonly ConfigurationKey<string> LedgerFile = Key(
        "ledger.file",
        FileName,
        "What was told, and what is still to be told: it survives a crash.",
        "detector.db"
    );
    public static readonly ConfigurationKey<bool> LedgerMemory = Key(
        "ledger.memory",
        Flag,
        "Keeps all that in memory instead: an event then stays in the queue until its alerts are delivered.",
        "false"
    );
    public static readonly ConfigurationKey<Secret> LedgerRedis = Key(
        "ledger.redis",
        RedisConnection,
        "Keeps all that in Redis instead, which several instances may share: host:6379,ssl=true,password=…, and further servers of the same ledger."
    );
    public static readonly ConfigurationKey<string> LedgerRedisFile = Key("ledger.redisFile", FileName, "A file that holds the connection to Redis.");
    public static readonly ConfigurationKey<string> LedgerPrefix = Key(
        "ledger.prefix",
        Prefix,
        "Names the ledger among others in the same Redis. Instances with the same prefix share it, and must read the same queue.",
        "detector"
    );
    public static readonly ConfigurationKey<int> LedgerWait = Key(
        "ledger.wait",
        Whole(0, 5),
        "How many replicas of Redis must have a write before it counts: what was acknowledged then survives a failover.",
        "0"
    );
    public static readonly ConfigurationKey<TimeSpan> LedgerLease = Key(
        "ledger.lease",
        Seconds("1s", "5m"),
        "How long after the instance that correlates has died another takes over.",
        "10s"
    );
    public static readonly ConfigurationKey<TimeSpan> LedgerRetention = Key(
        "ledger.retention",
        Duration("14d", "3650d"),
        "How long a told alert is remembered: an event that comes again after that is told again.",
        "90d"
    );
    public static readonly ConfigurationKey<TimeSpan> LedgerSeen = Key(
        "ledger.seen",
        Duration("0s", "400d"),
        "How long the ledger remembers every event that came, 8 bytes each, so that detector reconcile can name those that did not; 0s: not at all.",
        "7d"
    );
    public static readonly ConfigurationKey<int> LedgerSeenMegabytes = Key(
        "ledger.seenMegabytes",
        Whole(1, 65_536),
        "How many megabytes of Redis's memory that may take; when they are full, the hours of which nothing came for longest are forgotten before ledger.seen.",
        "64"
    );

    public static readonly ConfigurationKey<string> Rules = Key(
        "rules",
        Directories,
        "DIR takes the place of the rules that travel with the program; +DIR adds to them."
    );

    public static readonly ConfigurationKey<string> DeploymentRules = Key(
        "deployment.rules",
        Names,
        "The EventBridge rules that send events to the queue; * stands for any characters. The detector watches over its own parts by these names."
    );
    public static readonly ConfigurationKey<string> DeploymentBus = Key(
        "deployment.bus",
        PartName,
        "The event bus that other regions and accounts forward to."
    );
    public static readonly ConfigurationKey<string> DeploymentDeadLetters = Key(
        "deployment.deadLetters",
        PartName,
        "The name of the queue's dead-letter queue."
    );
    public static readonly ConfigurationKey<string> DeploymentRoles = Key("deployment.roles", Names, "The names of the detector's IAM roles.");
    public static readonly ConfigurationKey<string> DeploymentKey = Key("deployment.key", PartName, "The KMS key of queue and topic: its ARN or id.");
    public static readonly ConfigurationKey<string> DeploymentService = Key(
        "deployment.service",
        PartName,
        "The ECS service that runs the detector: CLUSTER/SERVICE."
    );
    public static readonly ConfigurationKey<string> DeploymentFileSystem = Key("deployment.fileSystem", PartName, "The EFS file system of the ledger: its id.");
    public static readonly ConfigurationKey<string> DeploymentLedgerCluster = Key(
        "deployment.ledgerCluster",
        PartName,
        "The MemoryDB cluster of the ledger; its access list, user and parameter group are watched by the same name."
    );
    public static readonly ConfigurationKey<string> DeploymentLogGroup = Key("deployment.logGroup", PartName, "The log group of the detector's service.");
    public static readonly ConfigurationKey<string> DeploymentAlarms = Key(
        "deployment.alarms",
        Names,
        "The CloudWatch alarms that tell when the detector is silent; * stands for any characters."
    );
    public static readonly ConfigurationKey<string> DeploymentTrail = Key(
        "deployment.trail",
        PartName,
        "The trail that records the account: its name or ARN. Without it detector doctor looks at every trail."
    );

    public static readonly ConfigurationKey<string> HistoryCredentialReport = Key(
        "history.credentialReport",
        FileName,
        "An IAM credential report (CSV): users, passwords, MFA and ages of keys from before the trail."
    );
    public static readonly ConfigurationKey<string> HistoryKeyPairs = Key(
        "history.keyPairs",
        KeyPairFiles,
        "Answers of aws ec2 describe-key-pairs (JSON), each as ACCOUNT/REGION=FILE: key pairs from before the trail."
    );

    public static readonly ConfigurationKey<bool> StatusEnabled = Key(
        "status.enabled",
        Flag,
        "Whether the status page, health and metrics are served.",
        "true"
    );
    public static readonly ConfigurationKey<IPEndPoint> StatusListen = Key(
        "status.listen",
        Listener,
        "Where the status page, health and metrics are served; beyond this machine, only with a token.",
        "127.0.0.1:8788"
    );
    public static readonly ConfigurationKey<Secret> StatusToken = Key(
        "status.token",
        Token,
        "What must be shown, as a bearer token or as a browser's password. Health needs none."
    );
    public static readonly ConfigurationKey<string> StatusTokenFile = Key("status.tokenFile", FileName, "A file that holds the token.");

    public static readonly ConfigurationKey<bool> SilenceEnabled = Key(
        "silence.enabled",
        Flag,
        "Whether it is an alert that nothing comes for longer than is usual here.",
        "true"
    );
    public static readonly ConfigurationKey<TimeSpan> SilenceAfter = Key(
        "silence.after",
        Duration("1m", "30d"),
        "How long quiet is allowed; without it, twice the longest pause of the last two weeks."
    );

    public static readonly ConfigurationKey<TimeSpan> CanaryEvery = Key(
        "canary.every",
        Duration("1m", "7d"),
        "How often sts:GetCallerIdentity is called to see whether CloudTrail brings it back. Needs a rule that lets read-only events pass."
    );
    public static readonly ConfigurationKey<TimeSpan> CanaryWithin = Key(
        "canary.within",
        Duration("10s", "1d"),
        "How long such a call is waited for before it is an alert.",
        "30m"
    );
    public static readonly ConfigurationKey<string> CanaryRegion = Key("canary.region", Region, "Where it is called, if not in the queue's region.");
    public static readonly ConfigurationKey<Uri> CanaryServiceUrl = Key(
        "canary.serviceUrl",
        Url,
        "Another STS endpoint: an interface endpoint, or an emulator."
    );

    public static readonly ConfigurationKey<Secret> HeartbeatUrl = Key(
        "heartbeat.url",
        SecretUrl,
        "Called while all is well: a service that pages when it hears nothing (a dead man's switch)."
    );
    public static readonly ConfigurationKey<string> HeartbeatUrlFile = Key("heartbeat.urlFile", FileName, "A file that holds the URL.");
    public static readonly ConfigurationKey<bool> HeartbeatLog = Key(
        "heartbeat.log",
        Flag,
        "Whether each heartbeat is logged (subject heartbeat), for a metric filter and its alarm.",
        "false"
    );
    public static readonly ConfigurationKey<TimeSpan> HeartbeatEvery = Key("heartbeat.every", Duration("1s", "1h"), "The time between two heartbeats.", "1m");

    public static readonly ConfigurationKey<Uri> OtlpEndpoint = Key(
        "otlp.endpoint",
        Url,
        "An OpenTelemetry collector, such as http://collector:4318; with it, metrics and traces go there."
    );
    public static readonly ConfigurationKey<OtlpProtocol> OtlpProtocol = Key("otlp.protocol", OneOf<OtlpProtocol>(), "How the collector is spoken to.", "http");

    public static readonly ConfigurationKey<LogFormat> LogFormat = Key(
        "log.format",
        OneOf<LogFormat>(),
        "How log lines are written, on standard error.",
        "text"
    );
    public static readonly ConfigurationKey<NoticeSeverity> LogLevel = Key("log.level", OneOf<NoticeSeverity>(), "The least that is logged.", "information");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ConfigurationKey> All => Known;

    /// <summary>The key of that name, or null. Case matters, as it does in YAML.</summary>
    public static ConfigurationKey? Find(string name) => Known.Find(key => string.Equals(key.Name, name, StringComparison.Ordinal));

    /// <summary>The keys below a name such as <c>slack</c>; none if the name is no group.</summary>
    public static IReadOnlyList<ConfigurationKey> OfGroup(string name) => Known.FindAll(key => key.Name.StartsWith(name + ".", StringComparison.Ordinal));

    /// <summary>What to say of a name that is no key.</summary>
    public static string Unknown(string name)
    {
        var near =
            NearestName.Of(name, Known.Select(key => key.Name))
            ?? NearestName.Of(name, Known.Select(key => key.Name.Split('.')[0]).Distinct(StringComparer.Ordinal));
        return near is null ? "is no setting" : $"is no setting; did you mean {near}?";
    }

    private static ConfigurationKey<Level> Minimum(string sink, string level) =>
        Key($"{sink}.minimum", OneOf<Level>(), "The least severe alerts that go there.", level);

    private static ConfigurationKey<T> Key<T>(string name, ValueForm<T> form, string meaning, string? otherwise = null)
    {
        var key = new ConfigurationKey<T>(name, form, otherwise, meaning);
        Known.Add(key);
        return key;
    }
}

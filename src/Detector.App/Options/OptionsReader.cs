using System.Net;
using Detector.Core.Rules;

namespace Detector.App.Options;

/// <summary>
/// Makes options of settings, and checks what no value tells alone. A part is made even when something in it is wrong, so that every value is
/// looked at; options made of such parts are never handed out.
/// </summary>
internal sealed class OptionsReader(Settings settings)
{
    /// <summary>Null if anything is wrong; <see cref="Settings.Errors"/> then tells all that is.</summary>
    public static DetectorOptions? Read(Settings settings)
    {
        var reader = new OptionsReader(settings);
        var queue = reader.Queue();
        var options = new DetectorOptions
        {
            Queue = queue,
            S3 = reader.S3(queue),
            Intake = reader.Intake(),
            Slack = reader.Slack(),
            Sns = reader.Sns(),
            Accounts = reader.Accounts(),
            Enrich = new EnrichOptions(settings.Get(Keys.EnrichCity), settings.Get(Keys.EnrichAsn)),
            Console = reader.Console(),
            Jsonl = reader.Jsonl(),
            Digests = new Core.Delivery.DigestOptions { After = settings.Get(Keys.DigestAfter), Period = settings.Get(Keys.DigestPeriod) },
            Ledger = reader.Ledger(),
            Rules = reader.Rules(),
            Deployment = reader.Deployment(),
            History = new HistoryOptions(settings.Get(Keys.HistoryCredentialReport), settings.List(Keys.HistoryKeyPairs)),
            Status = reader.Status(),
            Otlp = reader.Otlp(),
            Silence = reader.Silence(),
            Canary = reader.Canary(queue),
            Heartbeat = reader.Heartbeat(),
            Log = new LogOptions(settings.Get(Keys.LogFormat), settings.Get(Keys.LogLevel)),
        };
        reader.CheckFiles(options);
        if (options is { Slack: null, Sns: null, Console: null, Jsonl: null } && !settings.HasErrors)
            settings.Fail(Keys.ConsoleEnabled, "leaves nowhere for alerts to go: turn on console, slack, sns or jsonl");
        return settings.HasErrors ? null : options;
    }

    private QueueOptions? Queue()
    {
        var url = settings.Get(Keys.QueueUrl);
        var region = settings.Get(Keys.QueueRegion) ?? (url is null ? null : AwsNames.RegionOfQueue(url));
        if (url is not null && region is null && !settings.Has(Keys.QueueRegion))
            settings.Fail(Keys.QueueRegion, "is missing: the queue's URL does not tell the region");
        var queue = new QueueOptions(
            url!,
            region!,
            settings.Get(Keys.QueueServiceUrl),
            settings.Get(Keys.QueueVisibility),
            settings.Get(Keys.QueueWait),
            settings.Get(Keys.QueuePrefetch),
            settings.Get(Keys.QueueLateness)
        );
        return IsOn("queue", Keys.QueueUrl) ? queue : null;
    }

    private S3Options? S3(QueueOptions? queue)
    {
        var s3 = new S3Options(settings.Get(Keys.S3Region) ?? queue?.Region!, settings.Get(Keys.S3ServiceUrl), settings.Get(Keys.S3Lateness));
        if (!IsOn("s3", Keys.S3Notifications) || !settings.Get(Keys.S3Notifications))
            return null;
        if (queue is null && !settings.HasGroup("queue"))
            settings.Fail(Keys.S3Notifications, "goes with queue.url: it is on a queue that S3 tells");
        return s3;
    }

    private IntakeOptions? Intake()
    {
        var listen = settings.Get(Keys.IntakeListen)!;
        var token = SecretOf(Keys.IntakeToken, Keys.IntakeTokenFile);
        var intake = new IntakeOptions(listen, token, settings.Get(Keys.IntakeBodyLimit), settings.Get(Keys.IntakeSpool)!, settings.Get(Keys.IntakeLateness));
        if (!IPAddress.IsLoopback(listen.Address) && token is null && !settings.Has(Keys.IntakeTokenFile))
            settings.Fail(Keys.IntakeListen, $"{listen} is reachable by others: give intake.token or intake.tokenFile, or listen on 127.0.0.1");
        return settings.HasGroup("intake") || !settings.Has(Keys.QueueUrl) ? intake : null;
    }

    private SlackOptions? Slack()
    {
        var webhook = SecretOf(Keys.SlackWebhook, Keys.SlackWebhookFile);
        var token = SecretOf(Keys.SlackToken, Keys.SlackTokenFile);
        var (hasBot, hasWebhook) = (HasAny(Keys.SlackToken, Keys.SlackTokenFile), HasAny(Keys.SlackWebhook, Keys.SlackWebhookFile));
        var channel = settings.Get(Keys.SlackChannel);
        if (hasBot && hasWebhook)
            settings.Fail(Keys.SlackChannel, "a webhook and a bot's token exclude each other: routes may add webhooks");
        if (hasBot != settings.Has(Keys.SlackChannel) && (hasBot || hasWebhook))
            settings.Fail(Keys.SlackChannel, hasBot ? "is missing: the bot must know where to post" : "goes with slack.token: a webhook has its own channel");
        var bot = hasBot ? new SlackBot(token!, settings.Get(Keys.SlackApiUrl), settings.Get(Keys.SlackIncident)) : null;
        var own = new SlackPlace("slack", channel, webhook);
        var routes = Names(Keys.SlackRoutes)
            .Select((text, index) => SlackRouteText.Read(text).Value is { } read ? Route(read, index + 1, own, hasBot) : null)
            .OfType<SlackRoute>()
            .ToList();
        foreach (
            var place in routes
                .GroupBy(route => route.To.Name, route => route.To.Webhook?.Reveal(), StringComparer.Ordinal)
                .Where(same => same.Distinct(StringComparer.Ordinal).Skip(1).Any())
        )
            settings.Fail(
                Keys.SlackRoutes,
                $"two webhooks are in files called {Settings.Quote(place.Key[(own.Name.Length + 1)..])}, which is the sink's name: rename one"
            );
        var slack = new SlackOptions(own, settings.Get(Keys.SlackMinimum), bot, routes);
        return IsOn("slack", Keys.SlackWebhook, Keys.SlackWebhookFile, Keys.SlackToken, Keys.SlackTokenFile) ? slack : null;
    }

    private SlackRoute Route(SlackRouteText text, int number, SlackPlace own, bool hasBot)
    {
        if (text.To is not null && !hasBot)
            settings.Fail(Keys.SlackRoutes, $"to={text.To} needs slack.token: a webhook has its own channel");
        var webhook = text.WebhookFile is { } file ? SecretIn(file, Keys.SlackWebhook.Form, Keys.SlackRoutes, $"route {number}: ") : null;
        var place =
            text.To == own.Channel && webhook?.Reveal() == own.Webhook?.Reveal() ? own
            : text.To is { } channel ? new SlackPlace($"{own.Name}:{channel}", channel, null)
            : new SlackPlace($"{own.Name}:{Path.GetFileName(text.WebhookFile)}", null, webhook);
        var level = text.Tests["level"].Select(name => Enum.Parse<Level>(name, ignoreCase: true)).FirstOrDefault();
        return new SlackRoute(place, level, [.. text.Tests["account"]], [.. text.Tests["tag"]], [.. text.Tests["rule"]]);
    }

    private Dictionary<string, string> Accounts()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in Names(Keys.Accounts).Select(text => text.Split('=', 2)).Where(pair => pair.Length == 2))
            names[pair[0]] = pair[1];
        return names;
    }

    private bool HasAny(params ReadOnlySpan<ConfigurationKey> keys)
    {
        foreach (var key in keys)
        {
            if (settings.Has(key))
                return true;
        }
        return false;
    }

    private SnsOptions? Sns()
    {
        var topic = settings.Get(Keys.SnsTopic);
        var region = settings.Get(Keys.SnsRegion) ?? (topic is null ? null : AwsNames.RegionOfTopic(topic));
        var sns = new SnsOptions(topic!, region!, settings.Get(Keys.SnsServiceUrl), settings.Get(Keys.SnsMinimum));
        return IsOn("sns", Keys.SnsTopic) ? sns : null;
    }

    private ConsoleOptions? Console()
    {
        var console = new ConsoleOptions(settings.Get(Keys.ConsoleMinimum), settings.Get(Keys.ConsoleColor));
        return settings.Get(Keys.ConsoleEnabled) ? console : null;
    }

    private JsonlOptions? Jsonl()
    {
        var jsonl = new JsonlOptions(settings.Get(Keys.JsonlFile)!, settings.Get(Keys.JsonlMinimum));
        // The sink opens it for each alert: the first one would come too late to tell that it never could.
        if (Directory.Exists(jsonl.File))
            settings.Fail(Keys.JsonlFile, $"{Settings.Quote(jsonl.File)} is a directory");
        else if (jsonl.File is { Length: > 0 } file && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
            settings.Fail(Keys.JsonlFile, $"{Settings.Quote(file)} lies in no directory that is there");
        return IsOn("jsonl", Keys.JsonlFile) ? jsonl : null;
    }

    private LedgerOptions Ledger()
    {
        var memory = settings.Get(Keys.LedgerMemory);
        var redis = Redis();
        if (memory && settings.Has(Keys.LedgerFile))
            settings.Fail(Keys.LedgerMemory, "and ledger.file exclude each other");
        if (redis is not null && (memory || settings.Has(Keys.LedgerFile)))
            settings.Fail(memory ? Keys.LedgerMemory : Keys.LedgerFile, "and ledger.redis exclude each other");
        return new LedgerOptions(
            memory || redis is not null ? null : settings.Get(Keys.LedgerFile),
            redis,
            settings.Get(Keys.LedgerRetention),
            settings.Get(Keys.LedgerSeen)
        );
    }

    private RedisOptions? Redis()
    {
        var redis = new RedisOptions(
            SecretOf(Keys.LedgerRedis, Keys.LedgerRedisFile)!,
            settings.Get(Keys.LedgerPrefix)!,
            settings.Get(Keys.LedgerWait),
            settings.Get(Keys.LedgerLease),
            settings.Get(Keys.LedgerSeenMegabytes)
        );
        if (settings.Has(Keys.LedgerRedis) || settings.Has(Keys.LedgerRedisFile))
            return redis;
        foreach (var key in (ConfigurationKey[])[Keys.LedgerPrefix, Keys.LedgerWait, Keys.LedgerLease, Keys.LedgerSeenMegabytes])
        {
            if (settings.Has(key))
                settings.Fail(key, "is missing ledger.redis, without which it does nothing");
        }
        return null;
    }

    private StatusOptions? Status()
    {
        var listen = settings.Get(Keys.StatusListen)!;
        var token = SecretOf(Keys.StatusToken, Keys.StatusTokenFile);
        if (!IPAddress.IsLoopback(listen.Address) && token is null && !settings.Has(Keys.StatusTokenFile))
            settings.Fail(Keys.StatusListen, $"{listen} is reachable by others: give status.token or status.tokenFile, or listen on 127.0.0.1");
        return settings.Get(Keys.StatusEnabled) ? new StatusOptions(listen, token, settings.Has(Keys.StatusListen)) : null;
    }

    private SilenceOptions? Silence()
    {
        var silence = new SilenceOptions(settings.Has(Keys.SilenceAfter) ? settings.Get(Keys.SilenceAfter) : null);
        return settings.Get(Keys.SilenceEnabled) ? silence : null;
    }

    private CanaryOptions? Canary(QueueOptions? queue)
    {
        var canary = new CanaryOptions(
            settings.Get(Keys.CanaryEvery),
            settings.Get(Keys.CanaryWithin),
            settings.Get(Keys.CanaryRegion) ?? queue?.Region,
            settings.Get(Keys.CanaryServiceUrl)
        );
        return IsOn("canary", Keys.CanaryEvery) ? canary : null;
    }

    private HeartbeatOptions? Heartbeat()
    {
        var url = SecretOf(Keys.HeartbeatUrl, Keys.HeartbeatUrlFile);
        var heartbeat = new HeartbeatOptions(url, settings.Get(Keys.HeartbeatLog), settings.Get(Keys.HeartbeatEvery));
        return IsOn("heartbeat", Keys.HeartbeatUrl, Keys.HeartbeatUrlFile, Keys.HeartbeatLog) ? heartbeat : null;
    }

    private OtlpOptions? Otlp()
    {
        var otlp = new OtlpOptions(settings.Get(Keys.OtlpEndpoint)!, settings.Get(Keys.OtlpProtocol));
        return IsOn("otlp", Keys.OtlpEndpoint) ? otlp : null;
    }

    private RulesOptions Rules()
    {
        var given = settings.List(Keys.Rules);
        foreach (var directory in given.Select(RulesOptions.WithoutPlus).Where(directory => !Directory.Exists(directory)))
            settings.Fail(Keys.Rules, $"{Settings.Quote(directory)} is no directory");
        return RulesOptions.Of(given);
    }

    private DeploymentOptions Deployment()
    {
        var service = settings.Get(Keys.DeploymentService);
        if (service is not null && service.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
            settings.Fail(Keys.DeploymentService, $"{Settings.Quote(service)} is no CLUSTER/SERVICE");
        return new DeploymentOptions
        {
            Rules = Names(Keys.DeploymentRules),
            Bus = settings.Get(Keys.DeploymentBus),
            DeadLetters = settings.Get(Keys.DeploymentDeadLetters),
            Roles = Names(Keys.DeploymentRoles),
            Key = settings.Get(Keys.DeploymentKey),
            Service = service,
            FileSystem = settings.Get(Keys.DeploymentFileSystem),
            LedgerCluster = settings.Get(Keys.DeploymentLedgerCluster),
            LogGroup = settings.Get(Keys.DeploymentLogGroup),
            Alarms = Names(Keys.DeploymentAlarms),
            Trail = settings.Get(Keys.DeploymentTrail),
        };
    }

    private IReadOnlyList<string> Names(ConfigurationKey<string> key)
    {
        var names = settings.List(key);
        foreach (var name in names.Where(name => key.Form.Read(name).Problem is not null))
            settings.Fail(key, $"{Settings.Quote(name)} {key.Form.Read(name).Problem}");
        return names;
    }

    /// <summary>Whether the group is in use. That one of its keys is given but not the one that turns it on is a mistake that would else pass in silence.</summary>
    private bool IsOn(string group, params ReadOnlySpan<ConfigurationKey> switches)
    {
        if (HasAny(switches))
            return true;
        if (settings.HasGroup(group))
            settings.Fail(switches[0], $"is missing: without it the other keys of {group} do nothing");
        return false;
    }

    /// <summary>A secret that may stand in a file of its own.</summary>
    private Secret? SecretOf(ConfigurationKey<Secret> key, ConfigurationKey<string> fileKey)
    {
        if (settings.Get(fileKey) is not { } file)
            return settings.Get(key);
        if (settings.Has(key))
            settings.Fail(fileKey, $"and {key.Name} exclude each other");
        return SecretIn(file, key.Form, fileKey);
    }

    private Secret? SecretIn(string file, ValueForm<Secret> form, ConfigurationKey fileKey, string which = "")
    {
        try
        {
            var parsed = form.Read(File.ReadAllText(file).Trim());
            if (parsed is { Problem: null, Value: { } secret } && secret.Reveal().Length > 0)
                return secret;
            settings.Fail(fileKey, which + (parsed.Problem is { } problem ? $"what the file holds {problem}" : "the file is empty"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was given may be the secret itself, and the exception's message repeats it.
            settings.Fail(fileKey, which + (e is UnauthorizedAccessException ? "names a file that may not be read" : "names no file that can be read"));
        }
        return null;
    }

    private void CheckFiles(DetectorOptions options)
    {
        var files = new (ConfigurationKey Key, string? File)[]
        {
            (Keys.LedgerFile, options.Ledger.File),
            (Keys.IntakeSpool, options.Intake?.Spool),
            (Keys.JsonlFile, options.Jsonl?.File),
        };
        foreach (
            var shared in files
                .Where(file => file.File is not null)
                .GroupBy(file => Path.GetFullPath(file.File!), StringComparer.Ordinal)
                .Where(group => group.Count() > 1)
        )
            settings.Fail(shared.Last().Key, $"names the file of {shared.First().Key.Name}: each needs its own");
    }
}

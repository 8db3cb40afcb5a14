using Amazon.SecurityToken.Model;
using Amazon.SQS;
using Detector.Adapters.Aws;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Http;
using Detector.Adapters.Ledgers;
using Detector.Adapters.Ledgers.Redis;
using Detector.Adapters.Reports;
using Detector.Adapters.Telemetry;
using Detector.App.Options;
using Detector.App.Status;
using Detector.App.Vigil;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App;

/// <summary>Makes the parts that the options ask for, and joins them. What is live and what is replay differs here and nowhere else.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private readonly Terminal _terminal;
    private readonly IProgress<Notice> _log;
    private readonly Stack<object> _made = new();
    private readonly List<Func<CancellationToken, Task>> _vigils = [];
    private PipelineWatch _watch = PipelineWatch.None;
    private DetectionPipeline _detection = null!;
    private readonly RecentCalls _calls = new();
    private Judge? _judge;

    private Composition(Terminal terminal, IProgress<Notice> log) => (_terminal, _log) = (terminal, log);

    public Pump Pump { get; private set; } = null!;

    public Dispatcher Dispatcher { get; private set; } = null!;

    /// <summary>Judges correlations for all instances that share the ledger; null if this process is alone with its own.</summary>
    public Correlator? Correlator { get; private set; }

    /// <summary>Up to where time has passed, as far as this process knows.</summary>
    public DateTimeOffset Watermark => Correlator?.Watermark ?? _detection.Watermark;

    /// <summary>Keeps the rules as they are on disk.</summary>
    public RuleWatch Rules { get; private set; } = null!;

    /// <summary>Where the embedded intake listens; null if it is off.</summary>
    public Uri? Intake { get; private set; }

    /// <summary>The queue's client; null if there is no queue.</summary>
    public IAmazonSQS? Sqs { get; private set; }

    /// <summary>Opens everything that the live path needs.</summary>
    /// <exception cref="StartException">A part cannot start; the message tells which and why.</exception>
    public static Task<Composition> LiveAsync(DetectorOptions options, Terminal terminal, IProgress<Notice> log) =>
        OpenAsync(terminal, log, composition => composition.MakeAsync(options));

    /// <summary>Opens the ledger and the sinks alone: there is only a <see cref="Dispatcher"/>.</summary>
    /// <exception cref="StartException">A part cannot start; the message tells which and why.</exception>
    public static Task<Composition> OutboxAsync(DetectorOptions options, Terminal terminal, IProgress<Notice> log) =>
        OpenAsync(terminal, log, composition => composition.MakeOutboxAsync(options));

    private static async Task<Composition> OpenAsync(Terminal terminal, IProgress<Notice> log, Func<Composition, Task> make)
    {
        var composition = new Composition(terminal, log);
        try
        {
            await make(composition);
            return composition;
        }
        catch (Exception e)
        {
            await composition.DisposeAsync();
            throw e is Adapters.Sqlite.StorageException or IOException ? new StartException(e.Message) : e;
        }
    }

    /// <summary>Closes what was made, the last first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_made.TryPop(out var part))
        {
            if (part is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (part is IDisposable disposable)
                disposable.Dispose();
        }
    }

    private async Task MakeAsync(DetectorOptions options)
    {
        Rules = new RuleWatch(RuleLoad.Folders(options.Rules), _log, _terminal.Time, options);
        var rules = Rules.Load();
        // First what only one process may hold: a second one is told so.
        var ledger = Own(await LedgerAsync(options.Ledger));
        var source = await SourceAsync(options);
        StatusMaker? status = null;
        var live = new LiveStatus(_terminal.Time);
        var costs = new RuleCosts(_terminal.Time);
        var metrics = Own(new PipelineMetrics(ProgramVersion.Text, _terminal.Time, () => Watermark, () => status?.Pending ?? [], costs));
        var silence = options.Silence is { } quiet ? new SilenceWatch(quiet.After, source.Name, _terminal.Time, _log) : null;
        var canary = options.Canary is { } calls ? Canary(calls, source) : null;
        var delivery = new DeliveryWatch(_terminal.Time, _log);
        _watch = PipelineWatch.All([
            .. new PipelineWatch?[] { live, metrics, delivery, silence, canary, new SuppressionLog(_terminal.Time, _log) }.OfType<PipelineWatch>(),
        ]);
        Dispatcher = DispatcherOf(options, ledger);
        _detection = Own(new DetectionPipeline(rules, source.Lateness, _terminal.Time, _log));
        var seeds = Seeds.Read(options.History.CredentialReport, options.History.KeyPairs).ToList();
        if (ledger is RedisLedger shared)
            Correlator = CorrelatorOf(shared, rules, seeds, options);
        else
            seeds.ForEach(_detection.Restore);
        var judge = _judge = new Judge(rules, calls: options.Slack is null ? null : _calls, costs: costs);
        Pump = new Pump(source, judge, _detection, Dispatcher, ledger, _log, _watch, correlates: Correlator is null);
        status = new StatusMaker(
            live,
            costs,
            source,
            judge,
            () => Watermark,
            ledger,
            Dispatcher.Routes,
            () => [.. new[] { silence?.Complaint, canary?.Complaint }.OfType<string>()],
            _terminal.Time
        );
        _vigils.Add(stopping => delivery.RunAsync(Dispatcher, stopping));
        if (silence is not null)
            _vigils.Add(stopping => silence.RunAsync(Dispatcher, ledger, stopping));
        if (canary is not null)
            _vigils.Add(stopping => canary.RunAsync(Dispatcher, stopping));
        if (options.Status is not null || options.Otlp is not null)
            _vigils.Add(status.CountAsync);
        if (options.Heartbeat is { } heartbeat)
            _vigils.Add(Heart(heartbeat, status).RunAsync);
        if (options.Otlp is { } otlp)
            Own(new OtlpExport(otlp.Endpoint, Protocol(otlp.Protocol), ProgramVersion.Text));
        if (options.Status is { } page)
            await ServeAsync(page, status);
    }

    /// <summary>A page that nobody asked for at just that place must not keep the detector from starting.</summary>
    private async Task ServeAsync(StatusOptions options, StatusMaker maker)
    {
        var server = Own(new StatusServer(options.Listen, options.Token?.Reveal(), StatusAnswers.Of(maker)));
        try
        {
            await server.StartAsync(CancellationToken.None);
            Tell(NoticeSeverity.Information, "status", $"page, health and metrics at {server.Address}");
        }
        catch (IOException e) when (!options.IsAsked)
        {
            Tell(NoticeSeverity.Warning, "status", $"no page, health and metrics: {e.Message}; status.listen names another place");
        }
    }

    private CanaryWatch Canary(CanaryOptions options, IEventSource source)
    {
        var sts = Own(AwsClients.Sts(new AwsPlace(options.Region, options.ServiceUrl?.OriginalString)));
        return new CanaryWatch(
            async stopping => (await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), stopping)).ResponseMetadata.RequestId,
            options.Every,
            options.Within,
            source.Name,
            _terminal.Time,
            _log
        );
    }

    private Heartbeat Heart(HeartbeatOptions options, StatusMaker status)
    {
        // What is at the other end of a redirection was not asked for.
        var http = Own(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }));
        var url = options.Url is { } secret ? new Uri(secret.Reveal()) : null;
        return new Heartbeat(url, options.Log, options.Every, status.ComplaintsAsync, http, _terminal.Time, _log);
    }

    /// <summary>Watches over the detector itself until stopped: silence, canary, heartbeat.</summary>
    public Task WatchOverAsync(CancellationToken stopping) => Task.WhenAll(_vigils.Select(vigil => UntilStoppedAsync(vigil, stopping)));

    private static async Task UntilStoppedAsync(Func<CancellationToken, Task> vigil, CancellationToken stopping)
    {
        try
        {
            await vigil(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
    }

    /// <summary>Exchanges the rules while running.</summary>
    public void Replace(RuleSet rules)
    {
        Correlator?.Replace(rules);
        Pump.Replace(rules);
    }

    private async Task MakeOutboxAsync(DetectorOptions options) => Dispatcher = DispatcherOf(options, Own(await LedgerAsync(options.Ledger)));

    private Dispatcher DispatcherOf(DetectorOptions options, ILedger ledger)
    {
        // Another instance, or somebody who has an alert sent again, may have put something into the ledger.
        var pace = new DispatcherOptions { LookEvery = TimeSpan.FromSeconds(options.Ledger.Redis is null ? 10 : 2) };
        return new Dispatcher(ledger, [.. Sinks(options, ledger)], pace, _terminal.Time, Random.Shared, _log, _watch);
    }

    private async Task<ILedger> LedgerAsync(LedgerOptions options)
    {
        if (options.Redis is { } redis)
            return await RedisLedger.OpenAsync(redis.Ledger(options.Retention, options.Seen), "detector", _terminal.Time, Random.Shared, _log);
        var owner = $"{Environment.MachineName}/{Environment.ProcessId}";
        return options.File is null
            ? new InMemoryLedger(_terminal.Time)
            : SqliteLedger.Open(options.File, owner, _terminal.Time, _log, options.Retention, options.Seen);
    }

    private Correlator CorrelatorOf(RedisLedger ledger, RuleSet rules, IReadOnlyList<LearnedFact> seeds, DetectorOptions options)
    {
        // A container that is started again may have the machine's name and the number of the process that died.
        var instance = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..8]}";
        var redis = options.Ledger.Redis!;
        // What a dead instance had in hand is visible again after this, and has been received by another.
        var back = options.Queue is { } queue ? queue.Visibility + queue.Wait : TimeSpan.Zero;
        var pace = new CorrelatorOptions { BeatEvery = redis.Lease / 4, DeadAfter = back + redis.Lease };
        return new Correlator(ledger.TurnsOf(instance), Dispatcher, rules, seeds, () => _detection.Watermark, pace, _terminal.Time, _log, _watch);
    }

    private async Task<IEventSource> SourceAsync(DetectorOptions options)
    {
        var sources = new List<IEventSource>();
        if (options.Queue is { } queue)
            sources.Add(Objects(Own(Queue(queue)), options.S3));
        if (options.Intake is { } intake)
            sources.Add(await IntakeAsync(intake));
        return sources is [var only] ? only : new MergedSource(sources);
    }

    private SqsSource Queue(QueueOptions queue)
    {
        Sqs = Own(AwsClients.Sqs(new AwsPlace(queue.Region, queue.ServiceUrl?.OriginalString)));
        var how = new SqsSourceOptions
        {
            WaitTime = queue.Wait,
            Prefetch = queue.Prefetch,
            Visibility = queue.Visibility,
            RenewEvery = queue.Visibility / 2,
            MaxHold = TimeSpan.FromTicks(Math.Max(queue.Visibility.Ticks, TimeSpan.TicksPerHour)),
            Lateness = queue.Lateness,
        };
        return new SqsSource(Sqs, queue.Url.OriginalString, how, _terminal.Time, _log, Random.Shared);
    }

    private S3ObjectSource Objects(SqsSource queue, S3Options? options)
    {
        var s3 = options is null ? null : Own(AwsClients.S3(new AwsPlace(options.Region, options.ServiceUrl?.OriginalString)));
        return new S3ObjectSource(queue, s3, options?.Lateness ?? default, _terminal.Time, _log, Random.Shared);
    }

    private async Task<IEventSource> IntakeAsync(Options.IntakeOptions options)
    {
        var spool = Own(Spool.Open(options.Spool, _terminal.Time, _log));
        var how = new Adapters.Http.IntakeOptions
        {
            Address = options.Listen.Address,
            Port = options.Listen.Port,
            Token = options.Token?.Reveal(),
            MaxBody = options.BodyLimit,
        };
        var intake = Own(new Intake(spool, how, _log));
        // Not cut short by a stop, which is then the orderly one of a program that has begun.
        await intake.StartAsync(CancellationToken.None);
        Intake = intake.Address;
        Tell(NoticeSeverity.Information, "intake", $"takes events at {new Uri(intake.Address!, "events")}");
        return new SpoolSource(spool, _terminal.Time, options.Lateness);
    }

    private IEnumerable<SinkRoute> Sinks(DetectorOptions options, ILedger ledger)
    {
        var enrichment = Enrichment(options, ledger);
        if (options.Console is { } console)
            yield return new SinkRoute(new ConsoleSink(_terminal.Out, Coloured(console.Color), _terminal.Time), console.Minimum);
        if (options.Jsonl is { } jsonl)
            yield return new SinkRoute(Own(new JsonLinesSink(jsonl.File)), jsonl.Minimum);
        if (options.Slack is { } slack)
        {
            foreach (var route in SlackSinks.Of(slack, options.Digests, ledger, enrichment, _terminal.Time))
                yield return route with
                {
                    Sink = Own(route.Sink),
                };
        }
        if (options.Sns is { } sns)
        {
            if (SnsSink.IsFifo(sns.Topic))
                Tell(NoticeSeverity.Warning, "sns", $"{sns.Topic} is a FIFO topic: it reaches SQS queues only, and pages nobody");
            var topic = Own(AwsClients.Sns(new AwsPlace(sns.Region, sns.ServiceUrl?.OriginalString)));
            yield return new SinkRoute(new SnsSink(topic, sns.Topic, _terminal.Time, _log, enrichment), sns.Minimum)
            {
                Pages = !SnsSink.IsFifo(sns.Topic),
                Digests = options.Digests,
            };
        }
    }

    private static OpenTelemetry.Exporter.OtlpExportProtocol Protocol(OtlpProtocol protocol) =>
        protocol == OtlpProtocol.Grpc ? OpenTelemetry.Exporter.OtlpExportProtocol.Grpc : OpenTelemetry.Exporter.OtlpExportProtocol.HttpProtobuf;

    private Enrichment Enrichment(DetectorOptions options, ILedger ledger) =>
        new(
            [
                new AccountNames(options.Accounts, account => _detection?.AliasOf(account)),
                Own(new Geography(options.Enrich.City, options.Enrich.Asn)),
                new FirstSeen(ledger),
                new CallsAround(_calls),
                new Runbooks(FileOf),
            ],
            _terminal.Time
        );

    /// <summary>The file of a rule as it is now: rules are exchanged while running, and an alert may outlive its rule.</summary>
    private string? FileOf(string rule) =>
        _judge?.Rules is { } rules ? rules.Detections.Concat<Rule>(rules.Correlations).FirstOrDefault(one => one.Key == rule)?.Place.File : null;

    private bool Coloured(ColorChoice choice) =>
        choice switch
        {
            ColorChoice.Always => true,
            ColorChoice.Never => false,
            _ => _terminal.OutIsTerminal && !_terminal.Environment.ContainsKey("NO_COLOR"),
        };

    private T Own<T>(T part)
        where T : notnull
    {
        _made.Push(part);
        return part;
    }

    private void Tell(NoticeSeverity severity, string subject, string message) => _log.Report(new Notice(severity, subject, message));
}

/// <summary>The program cannot start as it was told to; the message is for the person who told it.</summary>
internal sealed class StartException(string message) : Exception(message);

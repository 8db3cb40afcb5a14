using Amazon.SecurityToken.Model;
using Detector.Adapters.Aws;
using Detector.Adapters.Http;
using Detector.Adapters.Ledgers.Redis;
using Detector.Adapters.Telemetry;
using Detector.App.Options;
using Detector.App.Status;
using Detector.App.Vigil;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using OpenTelemetry.Exporter;

namespace Detector.App;

/// <summary>Makes the parts of the live path that the options ask for, and joins them.</summary>
internal sealed class Composition(DetectorOptions options, Parts parts, Terminal terminal, IProgress<Notice> log)
{
    private readonly SourceParts _source = new(options, parts, terminal, log);
    private readonly DeliveryParts _delivery = new(options, parts, terminal, log);

    /// <summary>Opens everything that the live path needs.</summary>
    /// <exception cref="StartException">A part cannot start; the message tells which and why.</exception>
    public static Task<LivePath> LiveAsync(DetectorOptions options, Terminal terminal, IProgress<Notice> log) =>
        Parts.OpenAsync(parts => new Composition(options, parts, terminal, log).LiveAsync());

    /// <summary>Opens the ledger and the sinks alone.</summary>
    /// <exception cref="StartException">A part cannot start; the message tells which and why.</exception>
    public static Task<Outbox> OutboxAsync(DetectorOptions options, Terminal terminal, IProgress<Notice> log) =>
        Parts.OpenAsync(parts => new Composition(options, parts, terminal, log).OutboxAsync());

    private async Task<Outbox> OutboxAsync() => new(parts, _delivery.Dispatcher(await _delivery.LedgerAsync(), Knowledge.None, PipelineWatch.None));

    private async Task<LivePath> LiveAsync()
    {
        var onDisk = new RuleWatch(RuleLoad.Folders(options.Rules), log, terminal.Time, options);
        var rules = onDisk.Load();
        // First what only one process may hold: a second one is told so.
        var ledger = await _delivery.LedgerAsync();
        var source = await _source.OpenAsync();

        var calls = new RecentCalls();
        var costs = new RuleCosts(terminal.Time);
        var judge = new Judge(rules, calls: options.Slack is null ? null : calls, costs: costs);
        var detection = parts.Own(new DetectionPipeline(rules, source.Lateness, terminal.Time, log));

        Correlator? correlator = null;
        StatusMaker? status = null;
        var live = new LiveStatus(terminal.Time);
        var metrics = parts.Own(new PipelineMetrics(ProgramVersion.Text, terminal.Time, Watermark, () => status?.Pending ?? [], costs));
        var delivery = new DeliveryWatch(terminal.Time, log);
        var silence = options.Silence is { } quiet ? new SilenceWatch(quiet.After, source.Name, terminal.Time, log) : null;
        var canary = options.Canary is { } own ? Canary(own, source) : null;
        var watch = PipelineWatch.All([
            .. new PipelineWatch?[] { live, metrics, delivery, silence, canary, new SuppressionLog(terminal.Time, log) }.OfType<PipelineWatch>(),
        ]);

        var dispatcher = _delivery.Dispatcher(ledger, new Knowledge(calls, detection.AliasOf, FileOf), watch);
        var seeds = Seeds.Read(options.History.CredentialReport, options.History.KeyPairs).ToList();
        if (ledger is RedisLedger shared)
            correlator = new Correlator(Turns(shared), dispatcher, rules, seeds, () => detection.Watermark, Pace(), terminal.Time, log, watch);
        else
            seeds.ForEach(detection.Restore);
        var pump = new Pump(source, judge, detection, dispatcher, ledger, log, watch, correlates: correlator is null);
        status = new StatusMaker(
            live,
            costs,
            source,
            judge,
            Watermark,
            ledger,
            dispatcher.Routes,
            () => [.. new[] { silence?.Complaint, canary?.Complaint }.OfType<string>()],
            terminal.Time
        );

        var vigils = new List<Func<CancellationToken, Task>> { stopping => delivery.RunAsync(dispatcher, stopping) };
        if (silence is not null)
            vigils.Add(stopping => silence.RunAsync(dispatcher, ledger, stopping));
        if (canary is not null)
            vigils.Add(stopping => canary.RunAsync(dispatcher, stopping));
        if (options.Status is not null || options.Otlp is not null)
            vigils.Add(status.CountAsync);
        if (options.Heartbeat is { } heartbeat)
            vigils.Add(Heart(heartbeat, status).RunAsync);
        if (options.Otlp is { } otlp)
            parts.Own(new OtlpExport(otlp.Endpoint, Protocol(otlp.Protocol), ProgramVersion.Text));
        if (options.Status is { } page)
            await ServeAsync(page, status);
        return new LivePath(parts, pump, dispatcher, correlator, onDisk, Watermark, vigils) { Intake = _source.Intake, Sqs = _source.Sqs };

        DateTimeOffset Watermark() => correlator?.Watermark ?? detection.Watermark;

        // As it is now: rules are exchanged while running, and an alert may outlive its rule.
        string? FileOf(string rule) => judge.Rules.Detections.Concat<Rule>(judge.Rules.Correlations).FirstOrDefault(one => one.Key == rule)?.Place.File;
    }

    // A container that is started again may have the machine's name and the number of the process that died.
    private static ITurns Turns(RedisLedger ledger) => ledger.TurnsOf($"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..8]}");

    private CorrelatorOptions Pace()
    {
        var lease = options.Ledger.Redis!.Lease;
        // What a dead instance had in hand is visible again after this, and has been received by another.
        var back = options.Queue is { } queue ? queue.Visibility + queue.Wait : TimeSpan.Zero;
        return new CorrelatorOptions { BeatEvery = lease / 4, DeadAfter = back + lease };
    }

    private CanaryWatch Canary(CanaryOptions canary, IEventSource source)
    {
        var sts = parts.Own(AwsClients.Sts(new AwsPlace(canary.Region, canary.ServiceUrl?.OriginalString)));
        return new CanaryWatch(
            async stopping => (await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), stopping)).ResponseMetadata.RequestId,
            canary.Every,
            canary.Within,
            source.Name,
            terminal.Time,
            log
        );
    }

    private Heartbeat Heart(HeartbeatOptions heartbeat, StatusMaker status)
    {
        // What is at the other end of a redirection was not asked for.
        var http = parts.Own(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }));
        var url = heartbeat.Url is { } secret ? new Uri(secret.Reveal()) : null;
        return new Heartbeat(url, heartbeat.Log, heartbeat.Every, status.ComplaintsAsync, http, terminal.Time, log);
    }

    private static OtlpExportProtocol Protocol(OtlpProtocol protocol) =>
        protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;

    /// <summary>A page that nobody asked for at just that place must not keep the detector from starting.</summary>
    private async Task ServeAsync(StatusOptions page, StatusMaker maker)
    {
        var server = parts.Own(new StatusServer(page.Listen, page.Token?.Reveal(), StatusAnswers.Of(maker)));
        try
        {
            await server.StartAsync(CancellationToken.None);
            log.Report(new Notice(NoticeSeverity.Information, "status", $"page, health and metrics at {server.Address}"));
        }
        catch (IOException e) when (!page.IsAsked)
        {
            log.Report(new Notice(NoticeSeverity.Warning, "status", $"no page, health and metrics: {e.Message}; status.listen names another place"));
        }
    }
}

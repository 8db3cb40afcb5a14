using System.Net;
using Detector.Adapters.Ledgers.Redis;
using Detector.Core;
using Detector.Core.Rules;

namespace Detector.App.Options;

/// <summary>
/// Everything that the program was told, checked as a whole. A part that is null is off. The meaning of each value is told once, with its
/// key, in <see cref="Keys"/>.
/// </summary>
internal sealed record DetectorOptions
{
    public QueueOptions? Queue { get; init; }

    /// <summary>Whether the queue's messages may name objects, and where these are.</summary>
    public S3Options? S3 { get; init; }

    /// <summary>On when asked for, and when there is no queue: events must come from somewhere.</summary>
    public IntakeOptions? Intake { get; init; }

    public SlackOptions? Slack { get; init; }

    public SnsOptions? Sns { get; init; }

    /// <summary>What people call accounts, by their ids.</summary>
    public required IReadOnlyDictionary<string, string> Accounts { get; init; }

    public required EnrichOptions Enrich { get; init; }

    public ConsoleOptions? Console { get; init; }

    public JsonlOptions? Jsonl { get; init; }

    /// <summary>When alerts are a storm.</summary>
    public Core.Delivery.DigestOptions Digests { get; init; } = new();

    public required LedgerOptions Ledger { get; init; }

    public required RulesOptions Rules { get; init; }

    public required DeploymentOptions Deployment { get; init; }

    public required HistoryOptions History { get; init; }

    /// <summary>Null if nothing is served.</summary>
    public StatusOptions? Status { get; init; }

    public OtlpOptions? Otlp { get; init; }

    public SilenceOptions? Silence { get; init; }

    public CanaryOptions? Canary { get; init; }

    public HeartbeatOptions? Heartbeat { get; init; }

    public required LogOptions Log { get; init; }

    /// <summary>Every secret among the options, for the log to blot out should one ever reach it.</summary>
    public IEnumerable<Secret> Secrets =>
        new[] { Intake?.Token, Status?.Token, Heartbeat?.Url, Ledger.Redis?.Connection, Ledger.Redis?.Password }.Concat(Slack?.Secrets ?? []).OfType<Secret>();
}

internal sealed record QueueOptions(Uri Url, string Region, Uri? ServiceUrl, TimeSpan Visibility, TimeSpan Wait, int Prefetch, TimeSpan Lateness);

internal sealed record S3Options(string Region, Uri? ServiceUrl, TimeSpan Lateness);

internal sealed record IntakeOptions(IPEndPoint Listen, Secret? Token, int BodyLimit, string Spool, TimeSpan Lateness);

/// <param name="City">A database of places; null for none.</param>
/// <param name="Asn">A database of networks; null for none.</param>
internal sealed record EnrichOptions(string? City, string? Asn);

internal sealed record SnsOptions(string Topic, string Region, Uri? ServiceUrl, Level Minimum);

internal sealed record ConsoleOptions(Level Minimum, ColorChoice Color);

internal sealed record JsonlOptions(string File, Level Minimum);

/// <param name="File">The database; null for a ledger in Redis or in memory.</param>
/// <param name="Redis">The ledger that several instances share, if it is one.</param>
/// <param name="Retention">How long what is settled is remembered.</param>
/// <param name="Seen">How long it is remembered that an event was seen; zero for not at all.</param>
internal sealed record LedgerOptions(string? File, RedisOptions? Redis, TimeSpan Retention, TimeSpan Seen);

internal sealed record RedisOptions(Secret Connection, string Prefix, int Wait, TimeSpan Lease, int SeenMegabytes)
{
    /// <summary>The ledger there.</summary>
    public RedisLedgerOptions Ledger(TimeSpan retention, TimeSpan? seen = null) =>
        new()
        {
            Connection = Connection.Reveal(),
            Prefix = Prefix,
            Replicas = Wait,
            Lease = Lease,
            Retention = retention,
            Seen = seen,
            SeenBytes = SeenMegabytes * 1024L * 1024,
        };

    /// <summary>The password within the connection, if there is one: it must not show by itself either.</summary>
    public Secret? Password =>
        Array.Find(Connection.Reveal().Split(','), part => part.TrimStart().StartsWith("password=", StringComparison.OrdinalIgnoreCase)) is { } part
            ? new Secret(part.TrimStart()["password=".Length..])
            : null;
}

internal sealed record HistoryOptions(string? CredentialReport, IReadOnlyList<string> KeyPairs);

/// <param name="Shipped">Whether the rules that travel with the program are loaded.</param>
/// <param name="Directories">Others, in the order given.</param>
internal sealed record RulesOptions(bool Shipped, IReadOnlyList<string> Directories)
{
    /// <summary>What <c>--rules</c> says: DIR takes the place of the shipped rules, +DIR adds to them.</summary>
    public static RulesOptions Of(IReadOnlyList<string> given) => new(given.All(directory => directory.StartsWith('+')), [.. given.Select(WithoutPlus)]);

    /// <summary>The directory itself.</summary>
    public static string WithoutPlus(string directory) => directory.StartsWith('+') ? directory[1..] : directory;
}

/// <summary>The names of the detector's own parts, so far as they were told.</summary>
internal sealed record DeploymentOptions
{
    public IReadOnlyList<string> Rules { get; init; } = [];

    public string? Bus { get; init; }

    public string? DeadLetters { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];

    public string? Key { get; init; }

    public string? Service { get; init; }

    public string? FileSystem { get; init; }

    public string? LedgerCluster { get; init; }

    public string? LogGroup { get; init; }

    public IReadOnlyList<string> Alarms { get; init; } = [];

    public string? Trail { get; init; }
}

/// <param name="Listen">Where.</param>
/// <param name="Token">What must be shown.</param>
/// <param name="IsAsked">Whether somebody asked for that place: then the program does not start without it.</param>
internal sealed record StatusOptions(IPEndPoint Listen, Secret? Token, bool IsAsked);

/// <param name="After">How long quiet is allowed; null to go by what is usual.</param>
internal sealed record SilenceOptions(TimeSpan? After);

internal sealed record CanaryOptions(TimeSpan Every, TimeSpan Within, string? Region, Uri? ServiceUrl);

internal sealed record HeartbeatOptions(Secret? Url, bool Log, TimeSpan Every);

internal sealed record OtlpOptions(Uri Endpoint, OtlpProtocol Protocol);

internal sealed record LogOptions(LogFormat Format, NoticeSeverity Level);

/// <summary>When the console is coloured.</summary>
internal enum ColorChoice
{
    /// <summary>When it is a terminal and <c>NO_COLOR</c> is not set.</summary>
    Auto,
    Always,
    Never,
}

/// <summary>How a collector is spoken to.</summary>
internal enum OtlpProtocol
{
    /// <summary>Protocol buffers over HTTP, by custom on port 4318.</summary>
    Http,

    /// <summary>gRPC, by custom on port 4317.</summary>
    Grpc,
}

/// <summary>How log lines are written.</summary>
internal enum LogFormat
{
    /// <summary>For people: time, level, subject, message.</summary>
    Text,

    /// <summary>For machines: one JSON object a line.</summary>
    Json,
}

using System.Text;
using Microsoft.Data.Sqlite;

namespace Detector.Integration.Tests.Live;

/// <summary>One detector's folder and configuration, for as many lives as a test gives it. What is null is not configured.</summary>
internal sealed class Deployment : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-live-");

    public string? QueueUrl { get; init; }

    /// <summary>Where SQS and SNS are.</summary>
    public Uri? ServiceUrl { get; init; }

    public Uri? Webhook { get; init; }

    public string? Topic { get; init; }

    /// <summary>Whether the ledger is a file.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>The Redis that holds the ledger instead.</summary>
    public string? Redis { get; init; }

    /// <summary>The queue's.</summary>
    public string Lateness { get; init; } = "5s";

    /// <summary>Where the status page is: a free port of its own, as tests run beside each other. Null is the default place.</summary>
    public string? Page { get; init; } = "127.0.0.1:0";

    /// <summary>When alerts are a storm. Most stories are told alert by alert, however many there are.</summary>
    public string Digests { get; init; } = "after: 1000000";

    /// <summary>Further settings, as YAML.</summary>
    public string More { get; init; } = "";

    /// <summary>What the process finds in its environment beside what it has anyway.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string Folder => _folder.FullName;

    /// <summary>The lines of the JSON lines sink.</summary>
    public IReadOnlyList<string> Alerts => File.Exists(PathOf("alerts.jsonl")) ? File.ReadAllLines(PathOf("alerts.jsonl")) : [];

    public string PathOf(string name) => Path.Combine(Folder, name);

    public DetectorProcess Start(params string[] arguments)
    {
        Write();
        return DetectorProcess.Start(Folder, Environment, ["run", .. arguments]);
    }

    /// <summary>Writes the configuration, for commands that do not run the live path.</summary>
    public void Write() => File.WriteAllText(PathOf("detector.yaml"), Yaml());

    public async Task<DetectorProcess> StartReadyAsync()
    {
        var detector = Start();
        await detector.ReadyAsync();
        return detector;
    }

    /// <summary>What the ledger holds, a row a line, its columns joined by a bar.</summary>
    public IReadOnlyList<string> Ledger(string sql)
    {
        using var ledger = new SqliteConnection($"Data Source={PathOf("detector.db")};Mode=ReadOnly;Pooling=False");
        ledger.Open();
        using var command = ledger.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        return rows;
    }

    /// <summary>Everything that stands in the ledger's file, readable or not.</summary>
    public string LedgerText => Encoding.Latin1.GetString(File.ReadAllBytes(PathOf("detector.db")));

    /// <summary>Deliveries that wait.</summary>
    public int Pending => Ledger("SELECT 1 FROM deliveries WHERE state = 0").Count;

    public void Dispose() => _folder.Delete(recursive: true);

    private string Yaml()
    {
        var yaml = new StringBuilder();
        if (QueueUrl is not null)
            yaml.Append($"queue:\n  url: {QueueUrl}\n  region: us-east-1\n  serviceUrl: {ServiceUrl}\n  wait: 1s\n  visibility: 10s\n  lateness: {Lateness}\n");
        if (Webhook is not null)
            yaml.Append($"slack:\n  webhook: {Webhook}\n");
        if (Topic is not null)
            yaml.Append($"sns:\n  topic: {Topic}\n  serviceUrl: {ServiceUrl}\n");
        if (Page is not null)
            yaml.Append($"status:\n  listen: {Page}\n");
        return yaml.Append($"digest:\n  {Digests}\n")
            .Append("jsonl:\n  file: alerts.jsonl\n")
            .Append(
                Redis is not null ? $"ledger:\n  redis: {Redis}\n  lease: 2s\n"
                : Durable ? "ledger:\n  file: detector.db\n"
                : "ledger:\n  memory: true\n"
            )
            .Append(More)
            .ToString();
    }
}

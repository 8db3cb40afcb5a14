using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Detector.Adapters.Files;
using Detector.App.Options;
using Detector.Core;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Policies;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;

namespace Detector.Testing.Fuzz;

/// <summary>A reader, what is fed to it, and what has to be true of its answer whatever that is.</summary>
/// <param name="Seeds">Inputs that are as they should be, from which the others are made.</param>
/// <param name="Tokens">What the format is made of.</param>
/// <param name="Check">Throws where something is false.</param>
internal sealed record Target(IReadOnlyList<byte[]> Seeds, IReadOnlyList<byte[]> Tokens, Action<byte[]> Check)
{
    private const string Record =
        """{"eventVersion":"1.10","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ann"},"eventTime":"2026-11-23T09:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","resources":[{"ARN":"a"}],"eventID":"1"}""";
    private const string Secret = "T0PSECRETW0RD";

    /// <summary>No input of 64 kB may take that long.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(20);

    private static readonly Lazy<RuleSet> Shipped = new(() => RuleSet.Compile(RuleFolder.Load([Repository.PathOf("rules")]).Rules));

    /// <summary>All there are.</summary>
    public static IReadOnlyDictionary<string, Func<Target>> All { get; } =
        new Dictionary<string, Func<Target>>(StringComparer.Ordinal)
        {
            ["record"] = () => new Target(Envelopes(), Json(), CheckRecord),
            ["judge"] = () => new Target(Cases(), Json(), CheckJudge),
            ["gzip"] = () =>
                new Target(
                    [Gzip(Record), [.. Gzip(Record), .. Gzip("")], Gzip(new string('x', 30_000))],
                    [
                        [0x1f, 0x8b],
                        [8, 0],
                        [0, 0, 0, 0],
                    ],
                    CheckGzip
                ),
            ["rule"] = () =>
                new Target(
                    RuleFiles(),
                    Texts(": ", "- ", "|", "'", "*", "condition", "not ", "1 of ", "&a", "*a", "---\n", "\t", "  ", "|re", "|cidr"),
                    CheckRule
                ),
            ["policy"] = () => new Target(PolicyTexts(), [.. Json(), .. Texts("\"*\"", "\"NotAction\"", "\"Condition\"", "iam:*")], CheckPolicy),
            ["configuration"] = () =>
                new Target(Configurations(), Texts(": ", "- ", "\n", "  ", "slack", "webhook", "{", "}", "[", "'", "&a", "*a"), CheckConfiguration),
        };

    /// <summary>Inputs that once broke a promise of a reader.</summary>
    public static string Corpus => Repository.PathOf("tests", "corpus", "fuzz");

    /// <summary>Checks it, and what it costs.</summary>
    public void Try(byte[] input)
    {
        var began = Stopwatch.GetTimestamp();
        var memory = GC.GetAllocatedBytesForCurrentThread();
        Check(input);
        Assert.True(Stopwatch.GetElapsedTime(began) < Slow, "it takes far too long");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - memory < 1_000_000_000, "it takes far too much memory");
    }

    private static List<byte[]> Envelopes() =>
        Texts(
            Record,
            $$"""{"Records":[{{Record}},{{Record}}]}""",
            $"[{Record},{Record}]",
            $"{Record}\n{Record}\n",
            $$"""[{"Records":[{{Record}}]},{"n":1,"Records":[{{Record}}]}]""",
            $$"""{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":{{Record}}}""",
            $$"""{"Type":"Notification","Message":{{JsonSerializer.Serialize($"[{Record}]")}}}""",
            """{"digestStartTime":"2026-11-23T09:00:00Z","logFiles":[]}"""
        );

    private static List<byte[]> Json() =>
        Texts(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\n",
            "null",
            "1e999",
            "\"Records\":[",
            "{\"eventVersion\"",
            "\\u0065",
            "\\ud800",
            "\uFEFF",
            "{\"Records\":[",
            "\"detail\":{"
        );

    private static List<byte[]> Cases() =>
        [
            .. Directory
                .EnumerateFiles(Repository.PathOf("rules"), "fires_*.json", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(File.ReadAllBytes)
                .Where(text => text.Length < 8192),
        ];

    private static List<byte[]> RuleFiles() =>
        [
            .. Directory
                .EnumerateFiles(Repository.PathOf("rules"), "rule.yml", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(File.ReadAllBytes),
        ];

    private static List<byte[]> PolicyTexts() =>
        Texts(
            """{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":["s3:*","iam:Pass*"],"Resource":"*","Principal":{"AWS":["111122223333","*"]},"Condition":{"StringEquals":{"aws:SourceAccount":"1"}}}]}""",
            """{"Statement":{"Effect":"Deny","NotAction":"iam:*","NotResource":["arn:aws:s3:::a/*"],"NotPrincipal":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}}}"""
        );

    private static List<byte[]> Configurations() =>
        Texts(
            $"slack:\n  webhook: https://hooks.slack.com/services/{Secret}\n  minimum: high\nintake:\n  token: {Secret}{Secret}\n  listen: 127.0.0.1:8787\n",
            "queue:\n  url: https://sqs.eu-west-1.amazonaws.com/111122223333/q\n  visibility: 2m\nrules: [a, +b]\nledger: {file: x.db, retention: 90d}\n"
        );

    private static List<byte[]> Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static void CheckRecord(byte[] input)
    {
        var whole = Walk(input, input.Length + 1);
        // However it is cut into windows, the answer is the same.
        foreach (var step in new[] { 1 + input.Length / 7, 1 + input.Length / 3 })
            Assert.Equal(whole, Walk(input, step));
        // What stands before it does not suffer.
        var behind = Walk([.. Encoding.UTF8.GetBytes(Record + "\n"), .. input], int.MaxValue);
        Assert.Contains(Record, behind[0], StringComparison.Ordinal);
    }

    private static List<string> Walk(byte[] text, int step)
    {
        var found = new List<string>();
        var position = default(ReadPosition);
        var table = new FieldTable();
        for (long end = Math.Min(step, text.Length); ; end = Math.Min(end + step, text.Length))
        {
            var window = text.AsSpan((int)position.Offset, (int)(end - position.Offset));
            using var reader = new RecordReader(window, end == text.Length, position, RecordSelection.HeaderOnly, table);
            ReadResult result;
            while ((result = reader.Read(out var record)) is ReadResult.Record or ReadResult.Unreadable)
            {
                found.Add(
                    result == ReadResult.Record
                        ? $"{record.Index} at {record.Offset}: {Encoding.UTF8.GetString(record.Json)}"
                        : $"{reader.Problem.Index} at {reader.Problem.Offset}: {reader.Problem.Reason}"
                );
                if (result == ReadResult.Record)
                    CheckHeader(record);
                Assert.True(found.Count <= text.Length + 2, "the reader goes round in circles");
            }
            position = reader.Position;
            if (end == text.Length)
                return found;
        }
    }

    /// <summary>The fast way to a header field finds what the platform's own reader finds.</summary>
    private static void CheckHeader(in CloudTrailEvent record)
    {
        if (!JsonText.IsValid(record.Json, out _))
            return;
        using var document = JsonText.Parse(record.Json);
        var names = document.RootElement.EnumerateObject().Where(property => property.NameEquals("eventName")).ToList();
        if (names is [{ Value.ValueKind: JsonValueKind.String } name])
            Assert.Equal(name.Value.GetString(), Encoding.UTF8.GetString(JsonText.Unescape(record.EventName)));
    }

    private static void CheckJudge(byte[] input)
    {
        var replay = new Replay(Shipped.Value);
        using var batch = new EventBatch("fuzz", input, Receipt.None);
        var alerts = replay.Conclude([replay.Try(batch)]).Alerts;
        Assert.Equal(alerts.Count, alerts.Select(alert => alert.Id).Distinct().Count());
    }

    private static void CheckGzip(byte[] input)
    {
        var (slow, slowRead) = Unpack(input, useLibrary: false);
        if (!TrailReader.HasLibrary)
            return;
        var (fast, fastRead) = Unpack(input, useLibrary: true);
        if (slowRead.Problem is not null && fastRead.Problem is null)
        {
            // libdeflate reads the two codes that RFC 1951 reserves as a repetition of 258 bytes, where the stream stops. Then sum and length have to be right.
            Assert.True(fast.AsSpan().StartsWith(slow));
            var last = fast.AsSpan()[^BitConverter.ToInt32(input.AsSpan()[^4..])..];
            Assert.Equal(Gzip(last)[^8..], input[^8..]);
            return;
        }
        Assert.Equal(slowRead.Problem is null, fastRead.Problem is null);
        Assert.True(slow.AsSpan().SequenceEqual(fast));
    }

    private static (byte[] Content, TrailRead Read) Unpack(byte[] stored, bool useLibrary)
    {
        using var reader = new TrailReader(useLibrary);
        var content = new MemoryStream();
        var read = reader.Read(
            new Item(stored),
            (window, _) =>
            {
                content.Write(window);
                return window.Length;
            },
            CancellationToken.None
        );
        return (content.ToArray(), read);
    }

    private static void CheckRule(byte[] input)
    {
        var file = SigmaReader.Read("r.yml", Encoding.UTF8.GetString(input));
        Assert.All(file.Errors, error => Assert.Matches(@"^r\.yml:\d+:\d+", error.ToString()));
    }

    private static void CheckPolicy(byte[] input)
    {
        var policy = PolicyReader.Read(input);
        Assert.Equal(policy.Fault, PolicyReader.Read(input).Fault);
        if (!IsJson(input))
            Assert.NotEqual(PolicyFault.None, policy.Fault);
    }

    /// <summary>By its grammar. A text that nobody asks for may hold anything.</summary>
    private static bool IsJson(byte[] text)
    {
        try
        {
            var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = int.MaxValue });
            while (json.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void CheckConfiguration(byte[] input)
    {
        var file = Path.Combine(Path.GetTempPath(), $"fuzz-{Environment.CurrentManagedThreadId}-{Environment.ProcessId}.yaml");
        try
        {
            File.WriteAllBytes(file, input);
            var errors = Configuration.Load(file, [], []).Errors;
            Assert.All(errors, error => Assert.NotEqual("", error.ToString()));
            // A secret in its own place is never shown. One that a change has put elsewhere is no longer known as one.
            if (Encoding.UTF8.GetString(input).Contains($"  webhook: https://hooks.slack.com/services/{Secret}\n", StringComparison.Ordinal))
                Assert.DoesNotContain(errors, error => error.ToString().Contains($"services/{Secret}", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static byte[] Gzip(string content) => Gzip(Encoding.UTF8.GetBytes(content));

    private static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    private sealed class Item(byte[] stored) : TrailItem("x", stored.Length)
    {
        public override Stream Open(CancellationToken cancellation) => new MemoryStream(stored);
    }
}

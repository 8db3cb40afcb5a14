using System.Globalization;
using System.Text;
using System.Text.Json;
using Detector.Adapters;
using Detector.Adapters.Aws;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Ledgers;
using Detector.Adapters.Reports;
using Detector.Adapters.Slack;
using Detector.App;
using Detector.App.Options;
using Detector.App.Replays;
using Detector.App.Reports;
using Detector.App.Status;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection.Surveys;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Adapters.Aws;
using Detector.Tests.App.Commands;
using Detector.Tests.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Hostile;

/// <summary>Hostile input for one run of a sink.</summary>
/// <param name="Alerts">Some alerts; each is one input.</param>
/// <param name="Known">What is known besides of each.</param>
/// <param name="Records">Records of the same archive.</param>
/// <param name="Texts">Any texts.</param>
internal sealed record HostileBatch(IReadOnlyList<Alert> Alerts, IReadOnlyList<AlertContext> Known, IReadOnlyList<string> Records, IReadOnlyList<string> Texts)
{
    /// <summary>Alerts in a batch.</summary>
    public const int Size = 10;

    public static HostileBatch Of(HostileAlerts hostile) => new(Some(hostile.Next), Some(hostile.Context), Some(hostile.Record), Some(hostile.Text));

    private static List<T> Some<T>(Func<T> make) => [.. Enumerable.Range(0, Size).Select(_ => make())];
}

/// <summary>Every place where a text of a record comes out, each with what its receiver must not find there.</summary>
internal static class Sinks
{
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 4, 0, TimeSpan.Zero);
    private const string Topic = "arn:aws:sns:us-east-1:111122223333:alerts";
    private const int CsvColumns = 25;

    private static PageReader Reports { get; } = new(Harmless.Select(Report));

    private static PageReader Statuses { get; } = new(Harmless.Select(Status));

    /// <summary>By name: what is wrong with what it makes of a batch.</summary>
    public static IReadOnlyDictionary<string, Func<HostileBatch, Task<IEnumerable<string>>>> All { get; } =
        new Dictionary<string, Func<HostileBatch, Task<IEnumerable<string>>>>(StringComparer.Ordinal)
        {
            ["Slack, webhook"] = batch => Each(batch, (alert, known) => SlackReader.Violations(Webhook(alert, known))),
            ["Slack, bot: message, thread, count"] = BotAsync,
            ["Slack, digest"] = batch => Once(SlackReader.Violations(Encoding.UTF8.GetString(SlackDigest.Render(DigestOf(batch, "slack")).ToJson()))),
            ["SNS: words, text message, machines, attributes"] = batch => Each(batch, Sns),
            ["SNS, digest"] = batch => Once(SnsDigest(batch)),
            ["console"] = ConsoleAsync,
            ["JSON lines"] = batch => Each(batch, (alert, _) => Reader.JsonLine(Encoding.UTF8.GetString(AlertJson.Write(alert)))),
            ["replay: JSON lines"] = batch => Once(Lines(Written(output => AlertLines.WriteJson(output, batch.Alerts))).SelectMany(Reader.JsonLine)),
            ["replay: table"] = batch => Once(Table(batch)),
            ["replay: CSV"] = batch => Once(Reader.Csv(Written(output => AlertCsv.Write(output, batch.Alerts)), CsvColumns)),
            ["report"] = batch => Once(Reports.Violations(Report(batch))),
            ["status page"] = batch => Once(Statuses.Violations(Status(batch))),
            ["status.json"] = batch => Once(Outputs.StatusJson(batch)),
            ["alerts list, show, resend"] = AlertsAsync,
            ["rules list, check, test, explain, backtest"] = Outputs.RulesAsync,
            ["practices: table, JSON, page"] = batch => Once(Outputs.Practices(batch)),
            ["doctor"] = batch => Once(Outputs.Doctor(batch)),
            ["log"] = batch => Once(batch.Texts.SelectMany(Log)),
        };

    /// <summary>Batches that hold every level and every field there is.</summary>
    public static IEnumerable<HostileBatch> Harmless =>
        Enum.GetValues<Level>()
            .Select(level =>
            {
                var alert = AlertSamples.Root with { Rule = AlertSamples.Root.Rule with { Level = level }, Late = true, Group = "g" };
                var record = """
                    {"eventID":"e","eventTime":"2026-03-05T12:03:11Z","eventSource":"s","eventName":"n","awsRegion":"r","recipientAccountId":"a","sourceIPAddress":"i",
                    "userAgent":"u","errorCode":"AccessDenied","requestParameters":{"roleArn":"r"},"userIdentity":{"type":"t","arn":"a","accessKeyId":"ASIA"}}
                    """.ReplaceLineEndings("");
                return new HostileBatch(
                    [.. Enumerable.Repeat(alert, HostileBatch.Size)],
                    [],
                    [
                        .. Enumerable
                            .Range(0, 40)
                            .Select(i => record.Replace("\"a\"", $"\"{i}\"", StringComparison.Ordinal).Replace("\"s\"", $"\"s{i}\"", StringComparison.Ordinal)),
                        .. Enumerable
                            .Range(0, 40)
                            .Select(i => record.Replace("\"s\"", $"\"s{i}\"", StringComparison.Ordinal).Replace("\"i\"", $"\"{i}\"", StringComparison.Ordinal)),
                    ],
                    ["x"]
                );
            });

    private static string Webhook(Alert alert, AlertContext known) =>
        Encoding.UTF8.GetString(SlackMessage.Render(new Dispatch(alert, "slack", 1, 37), Now, known).ToJson());

    private static async Task<IEnumerable<string>> BotAsync(HostileBatch batch)
    {
        var problems = new List<string>();
        foreach (var (alert, known) in batch.Alerts.Zip(batch.Known))
        {
            var enrichment = new Enrichment([new Knowing(known)], TimeProvider.System);
            var again = alert with { Id = AlertId.Of(alert.Id.Value) };
            foreach (var call in await AlertPreview.OfAsync([alert, again], PreviewForm.SlackBot, enrichment, new FakeTimeProvider(Now)))
            {
                using var json = JsonDocument.Parse(call);
                problems.AddRange(SlackReader.Violations(json.RootElement.GetProperty("body").GetRawText()));
            }
        }
        return problems;
    }

    private static IEnumerable<string> Sns(Alert alert, AlertContext known)
    {
        var message = SnsMessage.Of(Topic, new Dispatch(alert, "sns", 1, 37), Now, known);
        // A rule's own words, and its runbook's, may have a link. All that comes from the record may not.
        var ofRecord = SnsMessage.Of(Topic, new Dispatch(alert with { Rule = AlertSamples.Root.Rule }, "sns", 1), Now, known with { Steps = [] });
        return SnsReader.Violations(message, alert.Id.Value).Concat(SnsReader.Links(ofRecord));
    }

    private static Digest DigestOf(HostileBatch batch, string sink) =>
        new(AlertId.Of("digest"), sink, 1, [.. batch.Alerts.Select(alert => new Dispatch(alert, sink, 1))]);

    private static IEnumerable<string> SnsDigest(HostileBatch batch)
    {
        var digest = DigestOf(batch, "sns");
        var ofRecords = digest with { Members = [.. batch.Alerts.Select(alert => new Dispatch(alert with { Rule = AlertSamples.Root.Rule }, "sns", 1))] };
        return SnsReader
            .Violations(SnsMessage.Of(Topic, digest), digest.Id.Value)
            .Concat(SnsReader.Links(SnsMessage.Of(Topic, new Digest(digest.Id, "sns", 1, ofRecords.Members))));
    }

    private static async Task<IEnumerable<string>> ConsoleAsync(HostileBatch batch)
    {
        using var output = new StringWriter();
        var sink = new ConsoleSink(output, colours: true, new FakeTimeProvider(Now));
        foreach (var alert in batch.Alerts)
            await sink.SendAsync(new Dispatch(alert, sink.Name, 1, 37), CancellationToken.None);
        // Each of a person's lines is the sink's own: it begins as one.
        var text = output.ToString();
        return
        [
            .. Reader.Terminal(text),
            .. Reader.Cuts(text),
            .. Lines(text)
                .Where(line => line is not ([>= '0' and <= '9', ..] or [' ', ' ', ' ', ' ', ..] or ['n', 'o', ..]))
                .Select(line => $"a line of its own: {line}"),
        ];
    }

    private static IEnumerable<string> Table(HostileBatch batch)
    {
        foreach (int? width in (int?[])[null, 100, 20])
        {
            var text = Written(output => AlertLines.WriteTable(output, batch.Alerts, width));
            foreach (var problem in Reader.Terminal(text).Concat(Lines(text).SelectMany(line => Reader.Cuts(line))))
                yield return problem;
            if (Lines(text).Count != batch.Alerts.Count + 1)
                yield return "a line more than there are alerts";
        }
    }

    /// <summary>What a replay of the records counts.</summary>
    public static Survey Surveyed(HostileBatch batch)
    {
        var survey = new Survey(activity: true);
        var position = default(ReadPosition);
        new Replay(RuleSet.Compile([])).Try("f", Encoding.UTF8.GetBytes($"[{string.Join(',', batch.Records)}]"), isLast: true, ref position, survey);
        return survey;
    }

    private static string Report(HostileBatch batch)
    {
        var survey = Surveyed(batch);
        var stats = new ReplayStats
        {
            Files = 1,
            Records = batch.Records.Count,
            Oldest = null,
            Newest = null,
            Rejected = 0,
            Duplicates = 0,
            Foreign = 0,
            BytesRead = 0,
            BytesJson = 0,
            Elapsed = TimeSpan.Zero,
            Alerts = batch.Alerts.Count,
            Hidden = [],
            Inflater = "zlib",
            Spilled = false,
            PeakMemory = 0,
        };
        using var records = new RecordPacks(Path.GetTempPath());
        foreach (var alert in batch.Alerts)
            records.Add(alert with { Evidence = [.. batch.Records.Select(record => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(record))] });
        return Written(output => ReportPage.Write(output, new Report(Now, batch.Alerts, records, stats, survey, 1, batch.Texts[0], null)));
    }

    private static string Status(HostileBatch batch) => StatusPage.Of(StatusOf(batch));

    /// <summary>The status of a run that had these alerts.</summary>
    public static StatusReport StatusOf(HostileBatch batch)
    {
        var live = new LiveStatus(new FakeTimeProvider(Now));
        foreach (var alert in batch.Alerts)
            live.Accepted(alert);
        live.Answered(new Dispatch(batch.Alerts[0], "slack", 1), SinkAnswer.Retry(batch.Texts[0]));
        (string, Level, OutboxState)[] sinks =
        [
            ("slack", Level.Medium, new OutboxState(3, null)),
            .. Enum.GetValues<Level>().Select(level => ($"{level}", level, new OutboxState(0, null))),
        ];
        return new StatusReport(
            "1.0",
            Now,
            batch.Texts[0],
            7,
            Now,
            live.Now(),
            [new RuleCost(batch.Texts[0], 1, TimeSpan.Zero)],
            sinks,
            batch.Texts,
            batch.Texts
        );
    }

    private static async Task<IEnumerable<string>> AlertsAsync(HostileBatch batch)
    {
        using var shell = new Shell { Time = new FakeTimeProvider(Now), Width = 120 };
        var file = Path.Combine(shell.Folder, "detector.db");
        await using (var ledger = SqliteLedger.Open(file, "test", shell.Time, new NoticeList()))
        {
            await ledger.AcceptAsync(
                [.. batch.Alerts.Select(alert => new OutboxEntry(alert, new EventIdentity(alert.Id.Value), ["slack"]))],
                CancellationToken.None
            );
            await ledger.SettleAsync(new DispatchKey(batch.Alerts[0].Id, "slack"), new Settlement(SinkOutcome.Refused, batch.Texts[0]), CancellationToken.None);
        }
        await shell.RunAsync("alerts", "list", "--ledger", file);
        await shell.RunAsync("alerts", "show", batch.Alerts[0].Id.Value, "--ledger", file);
        await shell.RunAsync("alerts", "resend", batch.Alerts[1].Id.Value, "--ledger", file);
        await shell.RunAsync("alerts", "resend", batch.Alerts[1].Id.Value, "--sink", batch.Texts[1].Replace('-', '_'), "--ledger", file);
        var words = shell.Out + shell.Error;
        using var machine = new Shell { Time = shell.Time };
        await machine.RunAsync("alerts", "list", "--output", "json", "--ledger", file);
        await machine.RunAsync("alerts", "show", batch.Alerts[0].Id.Value, "--output", "json", "--ledger", file);
        return
        [
            .. Reader.Terminal(words),
            .. Lines(words).SelectMany(line => Reader.Cuts(line)),
            .. machine.OutLines.SelectMany(Reader.JsonLine),
            .. machine.OutLines.Count == batch.Alerts.Count + 1 ? Array.Empty<string>() : ["an alert is not listed"],
        ];
    }

    private static IEnumerable<string> Log(string text)
    {
        var notice = new Notice(NoticeSeverity.Warning, text, text, new InvalidOperationException(text));
        var words = Written(output =>
            new NoticeLog(output, TimeProvider.System, new LogOptions(LogFormat.Text, NoticeSeverity.Information), []).Report(notice)
        );
        var json = Written(output => new NoticeLog(output, TimeProvider.System, new LogOptions(LogFormat.Json, NoticeSeverity.Information), []).Report(notice));
        return
        [
            .. Reader.Terminal(words),
            .. Reader.Cuts(words),
            .. Lines(json).SelectMany(Reader.JsonLine),
            .. Lines(words).Count == 1 && Lines(json).Count == 1 ? Array.Empty<string>() : ["a second line"],
        ];
    }

    private static Task<IEnumerable<string>> Each(HostileBatch batch, Func<Alert, AlertContext, IEnumerable<string>> violations) =>
        Once(batch.Alerts.Zip(batch.Known).SelectMany(one => violations(one.First, one.Second)));

    private static Task<IEnumerable<string>> Once(IEnumerable<string> violations) => Task.FromResult<IEnumerable<string>>([.. violations]);

    private static List<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    private static string Written(Action<TextWriter> write)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        write(output);
        return output.ToString();
    }

    private sealed class Knowing(AlertContext known) : IEnricher
    {
        public string Finds => "all";

        public ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation) => ValueTask.FromResult(known);
    }
}

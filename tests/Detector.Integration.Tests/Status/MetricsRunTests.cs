using System.Globalization;
using System.Text.RegularExpressions;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Live;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Status;

/// <summary>Each metric of <c>docs/observing.md</c> by a run in which what it counts has happened.</summary>
public sealed partial class MetricsRunTests(Emulator emulator)
{
    private const int Quiet = 70;
    private static readonly string[] Sinks = ["slack", "sns", "jsonl"];

    [Fact]
    public async Task Run_OneOfEverything_IsCountedByItsMetric()
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 1, more: "rules: [mine]\n");
        WriteRules(live.Deployment);
        live.Slack.Answer(SlackAnswerScript.Error(503));
        await using var detector = await live.Deployment.StartReadyAsync();
        var page = new Uri(detector.PageAddress, "/metrics");
        using var http = new HttpClient();

        await live.SendAsync(
            Trail.Records([.. Enumerable.Range(0, Quiet).Select(i => Trail.Quiet($"drill-quiet-{i}").ToJsonString())]),
            Trail.EventBridge(Trail.AdminGrant("drill-admin-1")),
            Trail.EventBridge(Trail.AdminGrant("drill-admin-2")),
            "by no means JSON"
        );
        await live.SlackCountsAsync(1);
        // Time has passed what comes next, which is an hour old.
        await Eventually.TrueAsync(async () => (await ReadAsync()).Sum("detector_watermark_lag_seconds") is > 0 and < 600, "time passes");
        var hourAgo = DateTimeOffset.UtcNow.AddHours(-1);
        await live.SendAsync(
            Trail.Records([.. Enumerable.Range(0, 10).Select(i => Trail.Denied("drill-denied-1", i).At(hourAgo.AddSeconds(i)).ToJsonString())])
        );
        var told = await ReadAsync();
        await Eventually.TrueAsync(
            async () =>
                (told = await ReadAsync()).Sum("detector_batches_total") == 5 && Sinks.All(sink => told.Sum("detector_alert_latency_seconds_count", sink) == 2),
            "every message is settled, and every sink has both alerts"
        );

        Assert.Equal(Quiet + 12, told.Sum("detector_events_received_total"));
        Assert.Equal(12, told.Sum("detector_events_matched_total"));
        Assert.Equal(1, told.Sum("detector_events_rejected_total"));
        Assert.Equal(1, told.Sum("detector_findings_late_total"));
        Assert.Equal(4, told.Sum("detector_batches_total", """outcome="acknowledged"""));
        Assert.Equal(1, told.Sum("detector_batches_total", """outcome="returned"""));
        Assert.Equal(0, told.Sum("detector_batches_in_hand"));
        Assert.Equal(5, told.Sum("detector_batch_duration_seconds_count"));
        Assert.Equal(5, told.Sum("detector_queue_wait_seconds_count"));
        Assert.Equal(2, told.Sum("detector_rule_hits_total", """rule="grant"""));
        Assert.Equal(1, told.Sum("detector_alerts_total", """level="critical",rule="grant"""));
        Assert.Equal(1, told.Sum("detector_alerts_total", """rule="burst"""));
        Assert.Equal(1, told.Sum("detector_alerts_hidden_total", """rule="grant",suppression="drill"""));
        Assert.Equal(1, told.Sum("detector_deliveries_total", """outcome="retry","""));
        Assert.All(
            Sinks,
            sink =>
            {
                Assert.Equal(1, told.Sum("detector_deliveries_total", $"""outcome="delivered",rule="grant",sink="{sink}"""));
                Assert.Equal(2, told.Sum("detector_alert_latency_seconds_count", $"""sink="{sink}"""));
                Assert.True(told.Has("detector_outbox_pending", $"""sink="{sink}"""));
            }
        );
        // Of the two alerts one is an hour old.
        Assert.InRange(told.Sum("detector_alert_latency_seconds_sum", "sink=\"sns\""), 3500, 3900);
        Assert.InRange(told.Sum("detector_rule_cost_seconds_total", """rule="grant"""), double.Epsilon, 60);
        Assert.Equal(1, told.Sum("detector_build_info"));
        Assert.All(Documented(), name => Assert.True(told.Has(name) || told.Has($"{name}_count"), name));

        async Task<Exposition> ReadAsync() => new(await http.GetStringAsync(page, TestContext.Current.CancellationToken));
    }

    /// <summary>A rule, a correlation, and a suppression that knows one event.</summary>
    private static void WriteRules(Deployment deployment)
    {
        Directory.CreateDirectory(deployment.PathOf("mine/suppressions"));
        File.WriteAllText(
            deployment.PathOf("mine/rules.yml"),
            """
            title: grant
            name: grant
            level: critical
            logsource: {product: aws, service: cloudtrail}
            detection: {selection: {eventName: AttachGroupPolicy, requestParameters.policyArn|endswith: /AdministratorAccess}, condition: selection}
            ---
            title: denied
            name: denied
            logsource: {product: aws, service: cloudtrail}
            detection: {selection: {errorCode: Client.UnauthorizedOperation}, condition: selection}
            ---
            title: burst
            name: burst
            level: high
            correlation: {type: event_count, rules: [denied], group-by: [userIdentity.arn], timespan: 5m, condition: {gte: 10}}
            """
        );
        File.WriteAllText(
            deployment.PathOf("mine/suppressions/drill.yml"),
            """
            title: drill
            name: drill
            owner: tests
            reason: a drill
            expires: 2099-01-01
            logsource: {product: aws, service: cloudtrail}
            filter: {rules: [grant], selection: {userAgent: drill-admin-2}, condition: not selection}
            """
        );
    }

    private static IEnumerable<string> Documented() =>
        Name().Matches(File.ReadAllText(Testing.Repository.PathOf("docs", "observing.md"))).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"^\| `(?<name>detector_\w+)`", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    /// <summary>Metrics in Prometheus' text form.</summary>
    private sealed class Exposition(string text)
    {
        private readonly List<string> _samples = [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

        public bool Has(string name, string labels = "") => Of(name, labels).Any();

        public double Sum(string name, string labels = "") =>
            Of(name, labels)
                .Sum(sample =>
                    double.Parse(
                        sample[(sample.LastIndexOf("} ", StringComparison.Ordinal) + 2)..].Split(' ')[0],
                        NumberStyles.Float,
                        CultureInfo.InvariantCulture
                    )
                );

        private IEnumerable<string> Of(string name, string labels) =>
            _samples.Where(sample => sample.StartsWith(name + "{", StringComparison.Ordinal) && sample.Contains(labels, StringComparison.Ordinal));
    }
}

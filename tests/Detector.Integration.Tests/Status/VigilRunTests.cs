using Detector.App;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Status;

public sealed class VigilRunTests(Emulator emulator)
{
    [Fact]
    public async Task Run_WithACollectorAndASwitch_SendsMetricsTracesAndHeartbeats()
    {
        await using var outside = await OutsideFake.StartAsync();
        using var deployment = new Deployment
        {
            More = $"""
                intake:
                  listen: 127.0.0.1:0
                otlp:
                  endpoint: {outside.Address}
                heartbeat:
                  url: {outside.Address}beat/secret-of-the-switch
                  every: 1s
                """,
        };
        await using var detector = await deployment.StartReadyAsync();
        using var http = new HttpClient();
        using var content = new StringContent(Trail.EventBridge(Trail.AdminGrant("drill-admin-1")));
        using var answer = await http.PostAsync(detector.IntakeAddress, content, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => deployment.Alerts.Count > 0, "the alert is out");
        await Eventually.TrueAsync(() => outside.Bodies("/beat/secret-of-the-switch").Any(), "the heart beats");
        // What is in hand goes out when the program ends.
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.DoesNotContain("secret-of-the-switch", detector.Log, StringComparison.Ordinal);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "detector.events.received",
                "detector.events.matched",
                "detector.alerts",
                "detector.deliveries",
                "detector.alert.latency",
                "detector.batch.duration",
                "detector.watermark.lag",
            },
            Metrics(outside)
        );
        Assert.Equal(("detector", ProgramVersion.Text), Service(outside));
        var spans = outside.Bodies("/v1/traces").SelectMany(OtlpSpan.In).ToList();
        // A way begins with the batch that the event came in.
        var batch = Assert.Single(spans, span => span.Name == "batch");
        Assert.Empty(batch.Parent);
        Assert.All(["match", "conclude"], step => Assert.Contains(spans, span => span.Name == step && span.Parent == batch.Id));
        var delivered = Assert.Single(spans, span => span.Name == "deliver" && span.Tags["detector.sink"] == "jsonl");
        Assert.Equal((batch.Trace, "admin-grant"), (delivered.Trace, delivered.Tags["detector.rule"]));
        Assert.DoesNotContain("drill-admin-1", string.Concat(spans.SelectMany(span => span.Tags.Values)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CanaryThatNeverComesBack_IsAnAlert()
    {
        await emulator.RequireAsync();
        using var deployment = new Deployment
        {
            QueueUrl = await emulator.CreateQueueAsync(),
            ServiceUrl = emulator.Address,
            More = $"""
                canary:
                  every: 1m
                  within: 10s
                  serviceUrl: {emulator.Address}
                """,
        };

        await using var detector = await deployment.StartReadyAsync();
        await Eventually.TrueAsync(() => deployment.Alerts.Any(line => line.Contains("detector-canary-lost", StringComparison.Ordinal)), "the alert is out");

        Assert.Equal(0, await detector.StopAsync());
    }

    private static HashSet<string> Metrics(OutsideFake outside) =>
        [
            .. from request in outside.Bodies("/v1/metrics")
            from resource in new OtlpMessage(request).All(1)
            from scope in resource.All(2)
            from metric in scope.All(2)
            select metric.Text(1),
        ];

    private static (string, string) Service(OutsideFake outside)
    {
        var resource = new OtlpMessage(outside.Bodies("/v1/traces").First()).All(1).First().All(1).Single().Attributes(1);
        return (resource["service.name"], resource["service.version"]);
    }
}

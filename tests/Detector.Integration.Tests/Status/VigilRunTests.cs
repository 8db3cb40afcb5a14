using System.Text;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Status;

public sealed class VigilRunTests(Emulator emulator)
{
    private const string Record = """{"eventTime":"2026-03-05T12:03:11Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","eventID":"e-1"}""";

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
        var intake = detector.Log.Split("takes events at ")[1].Split('\n')[0];
        using var answer = await http.PostAsync(new Uri(new Uri(intake), "/events"), new StringContent(Record), TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => Has(outside, "/beat/secret-of-the-switch"), "the heart beats");
        // What is in hand goes out when the program ends.
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.True(Has(outside, "/v1/metrics", "detector.events.received"));
        Assert.True(Has(outside, "/v1/traces", "batch"));
        Assert.DoesNotContain("secret-of-the-switch", detector.Log, StringComparison.Ordinal);
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

    private static bool Has(OutsideFake outside, string path, string text = "") =>
        outside.Calls.Any(call => call.Path == path && Encoding.Latin1.GetString(call.Body).Contains(text, StringComparison.Ordinal));
}

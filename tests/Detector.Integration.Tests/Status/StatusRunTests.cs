using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Status;

public sealed class StatusRunTests : IDisposable
{
    private readonly HttpClient _http = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Run_EventWithAHostileName_PageMetricsAndHealthTellOfItAsText()
    {
        using var deployment = new Deployment { More = "intake:\n  listen: 127.0.0.1:0\nsilence:\n  after: 1h\n" };
        await using var detector = await deployment.StartReadyAsync();
        var page = detector.PageAddress;
        var record = """
            {"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"},"eventTime":"2026-03-05T12:03:11Z",
            "eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7<script>alert(1)</script>",
            "eventID":"0d9f6c2e-0000-4000-8000-000000000001","eventType":"AwsApiCall","recipientAccountId":"111122223333"}
            """;

        using var answer = await _http.PostAsync(detector.IntakeAddress, new StringContent(record), Cancel);
        await Aws.Eventually.TrueAsync(() => deployment.Alerts.Count > 0, "the alert is out");
        var html = await _http.GetStringAsync(page, Cancel);
        var metrics = await _http.GetStringAsync(new Uri(page, "/metrics"), Cancel);
        using var health = await _http.GetAsync(new Uri(page, "/healthz/ready"), Cancel);
        var status = await _http.GetFromJsonAsync<JsonElement>(new Uri(page, "/status.json"), Cancel);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Contains("198.51.100.7&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Matches("""detector_alerts_total\{[^}]*rule="root-usage"[^}]*\} 1""", metrics);
        Assert.Matches("""detector_events_received_total\{[^}]*\} 1""", metrics);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("root-usage", status.GetProperty("alerts").EnumerateArray().Select(alert => alert.GetProperty("rule").GetString()));
        Assert.Contains("dotnet_gc_collections_total", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DefaultPortTaken_StartsWithoutThePageAndSaysSo()
    {
        // Other tests' detectors may have the port for a while: only who holds it himself knows that it is taken throughout.
        using var holder = new TcpListener(IPAddress.Loopback, 8788);
        await Aws.Eventually.TrueAsync(() => Holds(holder), "the default port is this test's");
        using var deployment = new Deployment { Page = null, More = "intake:\n  listen: 127.0.0.1:0\n" };

        await using var detector = await deployment.StartReadyAsync();

        Assert.Contains("no page, health and metrics", detector.Log, StringComparison.Ordinal);
    }

    private static bool Holds(TcpListener listener)
    {
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

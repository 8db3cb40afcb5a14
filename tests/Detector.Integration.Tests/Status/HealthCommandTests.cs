using System.Net;
using System.Net.Sockets;
using System.Text;
using Detector.App;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Status;

/// <summary><c>detector health</c>, which a container's engine asks.</summary>
public sealed class HealthCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_DetectorThatRuns_IsWell()
    {
        using var deployment = new Deployment { Page = $"127.0.0.1:{Ports.Free()}", More = "intake:\n  listen: 127.0.0.1:0\n" };
        await using var detector = await deployment.StartReadyAsync();
        using var http = new HttpClient();
        await Aws.Eventually.TrueAsync(
            async () => await http.GetAsync(new Uri(detector.PageAddress, "/healthz/ready"), Cancel) is { IsSuccessStatusCode: true },
            "ready"
        );

        var alive = await HealthAsync(deployment);
        var ready = await HealthAsync(deployment, "--ready");

        Assert.Equal((ExitCode.Done, """{"status":"ok"}"""), (alive.Code, alive.Out));
        Assert.Equal(ExitCode.Done, ready.Code);
    }

    [Fact]
    public async Task Health_DetectorThatIsNotReady_SaysWhy()
    {
        const string Reasons = """{"status":"not ready","reasons":["the ledger does not answer"]}""";
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var deployment = new Deployment { Page = $"{listener.LocalEndpoint}" };
        deployment.Write();

        var asking = HealthAsync(deployment, "--ready");
        var asked = await AnswerAsync(listener, $"HTTP/1.1 503 Service Unavailable\r\nContent-Length: {Reasons.Length}\r\n\r\n{Reasons}");
        var (code, told, _) = await asking;

        Assert.StartsWith("GET /healthz/ready ", asked, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Failed, Reasons), (code, told));
    }

    [Fact]
    public async Task Health_NobodyThere_FailsAndSaysWhereItAsked()
    {
        using var deployment = new Deployment { Page = $"127.0.0.1:{Ports.Free()}" };
        deployment.Write();

        var (code, _, log) = await HealthAsync(deployment);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal($"health: nobody answers at http://{deployment.Page}/healthz/live", log);
    }

    [Fact]
    public async Task Health_SomebodyElseAtThatPort_Fails()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var deployment = new Deployment { Page = $"{listener.LocalEndpoint}" };
        deployment.Write();

        var asking = HealthAsync(deployment);
        await AnswerAsync(listener, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nNo.\u001b");
        var (code, told, _) = await asking;

        Assert.Equal(ExitCode.Failed, code);
        Assert.DoesNotContain('\u001b', told);
    }

    [Theory]
    [InlineData("status: {enabled: false}\n", "so there is nobody to ask")]
    [InlineData("statu: {}\n", "statu")]
    public async Task Health_ConfigurationThatNamesNobody_IsWrongUsage(string yaml, string why)
    {
        using var deployment = new Deployment();
        await File.WriteAllTextAsync(deployment.PathOf("detector.yaml"), yaml, Cancel);

        var (code, _, log) = await HealthAsync(deployment);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(why, log, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Out, string Log)> HealthAsync(Deployment deployment, params string[] arguments)
    {
        await using var health = DetectorProcess.Start(deployment.Folder, ["health", .. arguments]);
        var code = await health.ExitAsync();
        return (code, health.Out, health.Log);
    }

    /// <summary>Gives one answer, and tells what was asked.</summary>
    private static async Task<string> AnswerAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancel);
        var stream = client.GetStream();
        var asked = new byte[4096];
        var length = await stream.ReadAsync(asked, Cancel);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), Cancel);
        return Encoding.UTF8.GetString(asked, 0, length);
    }
}

using System.Net;
using System.Net.Sockets;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Live;

public class StartTests
{
    [Fact]
    public async Task Run_ManyMistakes_AllAreNamedAtOnceAndNoSecretIs()
    {
        using var deployment = new Deployment
        {
            Webhook = new Uri($"http://hooks.example/services/T00000000/B00000000/{SlackFake.Secret}"),
            More = """
                sns:
                  minimum: loud
                intake:
                  listen: 0.0.0.0:0
                queue:
                  visibilty: 1m
                rules: nowhere
                nonsense: true
                """,
        };

        await using var detector = deployment.Start();
        var exit = await detector.ExitAsync();

        Assert.Equal(2, exit);
        Assert.Equal("", detector.Out);
        Assert.All(
            (string[])
                ["slack.webhook", "sns.minimum", "sns.topic", "intake.listen", "did you mean queue.visibility?", "\"nowhere\" is no directory", "nonsense"],
            mistake => Assert.Contains(mistake, detector.Log, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Run_PortInUse_IsRefusedWithTheReason()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var deployment = new Deployment { More = $"intake:\n  listen: {other.LocalEndpoint}\n" };

        await using var detector = deployment.Start();
        var exit = await detector.ExitAsync();

        Assert.Equal(2, exit);
        Assert.Contains($"{other.LocalEndpoint}: address already in use", detector.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AddressOfAnotherMachine_IsRefusedWithTheReason()
    {
        // RFC 5737 keeps the address for documents: no machine has it.
        using var deployment = new Deployment { More = "intake:\n  listen: 192.0.2.1:0\n  token: a-token-for-this-test\n" };

        await using var detector = deployment.Start();
        var exit = await detector.ExitAsync();

        Assert.Equal(2, exit);
        Assert.Contains("192.0.2.1, port 0: ", detector.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LedgerOfAnotherInstance_IsRefusedWithTheReasonAndTheOtherGoesOn()
    {
        using var deployment = new Deployment { More = "intake:\n  listen: 127.0.0.1:0\n" };
        await using var first = await deployment.StartReadyAsync();

        await using var second = deployment.Start();
        var exit = await second.ExitAsync();

        Assert.Equal(2, exit);
        Assert.Contains("detector.db: another process uses this ledger; each needs its own", second.Log, StringComparison.Ordinal);
        Assert.Equal(0, await first.StopAsync());
    }

    [Fact]
    public async Task Run_NoRules_IsRefusedWithTheReason()
    {
        using var deployment = new Deployment { More = "intake:\n  listen: 127.0.0.1:0\nrules: .\n" };

        await using var detector = deployment.Start();
        var exit = await detector.ExitAsync();

        Assert.Equal(2, exit);
        Assert.Contains("not one rule could be loaded", detector.Log, StringComparison.Ordinal);
    }
}

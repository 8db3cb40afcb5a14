using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.MassTransit;

/// <summary>The library for MassTransit on a real broker.</summary>
public sealed class RabbitMqTests : IAsyncLifetime
{
    private const string Errors = $"{BusHost.Queue}_error";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-bus-");
    private RabbitBroker _broker = null!;
    private Subscriber _subscriber = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitBroker.StartAsync();
        _subscriber = await Subscriber.StartAsync(_broker);
    }

    public async ValueTask DisposeAsync()
    {
        await _subscriber.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Run_EventsOnTheBus_AlertsComeByTheBus()
    {
        await using var host = await BusHost.StartAsync(_broker, _folder.FullName);

        await _broker.SendAsync(
            BusHost.Queue,
            Trail.EventBridge(Trail.AdminGrant("bus-admin")),
            Trail.EventBridge(Trail.Quiet("bus-quiet")),
            Trail.Records(Trail.KeyPairImport("bus-import").ToJsonString(), Trail.Quiet("bus-quiet-too").ToJsonString())
        );
        await _subscriber.HearsAsync(new HashSet<string> { "bus-admin", "bus-import" });
        await EmptyAsync();
        await SettledAsync(host);

        Assert.Equal(
            [("admin-grant", "critical"), ("key-pair-import", "medium")],
            _subscriber.Alerts.Select(alert => (alert.Rule, alert.Severity)).Distinct().Order()
        );
    }

    [Fact]
    public async Task Run_BrokerKilledWithEventsInHandAndWaiting_LosesNone()
    {
        var marks = Enumerable.Range(0, 200).Select(number => $"bus-import-{number}").ToHashSet();
        await using var host = await BusHost.StartAsync(_broker, _folder.FullName, isOpen: false);
        await _broker.SendAsync(BusHost.Queue, marks.Select(mark => Trail.EventBridge(Trail.KeyPairImport(mark))));
        await Eventually.TrueAsync(() => host.InHand > 0, "events are in hand");

        await _broker.KillAsync();
        await _broker.StartAgainAsync();
        host.Open();
        await _subscriber.HearsAsync(marks);
        await EmptyAsync();
        await SettledAsync(host);

        Assert.Equal(200, host.Count("alerts"));
    }

    [Fact]
    public async Task Run_EventDoneWhileTheBrokerIsDead_ComesAgainAndIsToldOnce()
    {
        await using var host = await BusHost.StartAsync(_broker, _folder.FullName, isOpen: false);
        await _broker.SendAsync(BusHost.Queue, Trail.EventBridge(Trail.AdminGrant("bus-admin")));
        await Eventually.TrueAsync(() => host.InHand == 1, "the event is in hand");

        await _broker.KillAsync();
        host.Open();
        await Eventually.TrueAsync(() => host.Count("alerts") == 1, "the alert is in the ledger");
        await _broker.StartAgainAsync();
        await Eventually.TrueAsync(() => host.InHand == 2, "the broker has delivered the event again");
        await _subscriber.HearsAsync(new HashSet<string> { "bus-admin" });
        await EmptyAsync();
        await SettledAsync(host);

        Assert.Equal((1, 1), (host.Count("alerts"), host.Count("deliveries WHERE state = 1")));
        Assert.Single(_subscriber.Alerts);
    }

    [Theory]
    [InlineData("""{"Records":[7]}""", "the detector returned the message")]
    [InlineData("nonsense", "is an invalid JSON literal")]
    public async Task Run_UnreadableMessage_LiesInTheErrorQueueWithTheReason(string body, string reason)
    {
        await using var host = await BusHost.StartAsync(_broker, _folder.FullName);

        await _broker.SendAsync(BusHost.Queue, body);
        var (found, headers) = await _broker.TakeAsync(Errors);
        await EmptyAsync();

        Assert.Equal(body, found);
        Assert.Contains(reason, headers["MT-Fault-Message"], StringComparison.Ordinal);
    }

    /// <summary>An alert is heard before the ledger knows that it was told.</summary>
    private static Task SettledAsync(BusHost host) => Eventually.TrueAsync(() => host.Count("deliveries WHERE state <> 1") == 0, "every delivery is settled");

    private Task EmptyAsync() => Eventually.TrueAsync(async () => await _broker.WaitingAsync(BusHost.Queue) == 0, "no event waits");
}

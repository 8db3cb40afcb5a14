using System.Collections.Concurrent;
using System.Text;
using Detector.Core.Delivery;
using Detector.Integration.Tests.Aws;
using Detector.MassTransit;
using MassTransit;

namespace Detector.Integration.Tests.MassTransit;

/// <summary>Another program on the bus, which wants to know of alerts.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly ConcurrentQueue<AlertRaised> _alerts = new();
    private readonly IBusControl _bus;

    private Subscriber(RabbitBroker broker) =>
        _bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker.Address);
            rabbit.ReceiveEndpoint("security-team", endpoint => endpoint.Handler<AlertRaised>(Keep));
        });

    public IReadOnlyList<AlertRaised> Alerts => [.. _alerts];

    /// <summary>The user agents of what raised the alerts, which tests use as marks.</summary>
    public IReadOnlySet<string> Marks => _alerts.Select(alert => AlertJson.Read(Encoding.UTF8.GetBytes(alert.Body)).Facts.UserAgent!).ToHashSet();

    public static async Task<Subscriber> StartAsync(RabbitBroker broker)
    {
        var subscriber = new Subscriber(broker);
        await subscriber._bus.StartAsync();
        return subscriber;
    }

    public Task HearsAsync(IReadOnlySet<string> marks) => Eventually.TrueAsync(() => Marks.IsSupersetOf(marks), "all alerts came by the bus");

    public async ValueTask DisposeAsync() => await _bus.StopAsync();

    private Task Keep(ConsumeContext<AlertRaised> message)
    {
        _alerts.Enqueue(message.Message);
        return Task.CompletedTask;
    }
}

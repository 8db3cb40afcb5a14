using Detector.Core.Delivery;
using Detector.Core.Events;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Detector.MassTransit;

/// <summary>
/// Joins the detector to a bus, in a host of the user's own. Register the bus after the service that runs the pump: hosted services stop in
/// reverse order, so the bus stops first, and waits for what is in hand.
/// </summary>
public static class DetectorBus
{
    /// <summary>
    /// Registers <see cref="MassTransitSource"/> as an <see cref="IEventSource"/> and <see cref="MassTransitSink"/> as an <see cref="IAlertSink"/>.
    /// The clock is the registered <see cref="TimeProvider"/>, else the system's.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="lateness">See <see cref="IEventSource.Lateness"/>; 2 minutes if not given.</param>
    public static IServiceCollection AddDetectorBus(this IServiceCollection services, TimeSpan? lateness = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new MassTransitSource(provider.GetRequiredService<TimeProvider>(), lateness ?? TimeSpan.FromMinutes(2)));
        services.AddSingleton<IEventSource>(provider => provider.GetRequiredService<MassTransitSource>());
        services.AddSingleton<IAlertSink, MassTransitSink>();
        return services;
    }

    /// <summary>
    /// Adds the consumer that takes EventBridge envelopes, and every other shape that the record reader knows, from the endpoint
    /// <c>cloudtrail-events</c>. Bind it with <c>ConfigureEndpoints</c>.
    /// </summary>
    public static void AddDetectorConsumer(this IBusRegistrationConfigurator bus) => bus.AddConsumer<CloudTrailConsumer, CloudTrailConsumerDefinition>();
}

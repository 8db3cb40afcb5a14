using MassTransit;

namespace Detector.MassTransit;

/// <summary>Hands a message to the source and completes when it is settled; so the bus keeps it until then.</summary>
internal sealed class CloudTrailConsumer(MassTransitSource source) : IConsumer<CloudTrailMessage>
{
    public Task Consume(ConsumeContext<CloudTrailMessage> context)
    {
        var received = context.ReceiveContext;
        var origin = $"{received.InputAddress.AbsolutePath.TrimStart('/')} {context.MessageId}".TrimEnd();
        return source.OfferAsync(origin, received.GetBody(), context.SentTime, context.CancellationToken);
    }
}

/// <summary>Where and how messages are taken.</summary>
internal sealed class CloudTrailConsumerDefinition : ConsumerDefinition<CloudTrailConsumer>
{
    /// <summary>A message waits for its alerts, so many must be able to wait at once.</summary>
    public const int InHand = 100;

    public CloudTrailConsumerDefinition()
    {
        EndpointName = "cloudtrail-events";
        ConcurrentMessageLimit = InHand;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<CloudTrailConsumer> consumerConfigurator,
        IRegistrationContext context
    )
    {
        // EventBridge knows nothing of MassTransit's envelope, nor of its exchanges and topics.
        endpointConfigurator.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
        endpointConfigurator.ConfigureConsumeTopology = false;
    }
}

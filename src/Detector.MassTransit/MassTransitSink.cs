using Detector.Core.Delivery;
using Detector.Core.Rules;
using MassTransit;

namespace Detector.MassTransit;

/// <summary>Publishes alerts as <see cref="AlertRaised"/>; delivered means that the transport has it.</summary>
/// <param name="bus">Where to publish.</param>
/// <param name="time">The clock.</param>
public sealed class MassTransitSink(IBus bus, TimeProvider time) : IAlertSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public string Name => "masstransit";

    /// <inheritdoc/>
    public int Concurrency => 8;

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await bus.Publish(MessageOf(dispatch.Alert), bounded.Token);
            return SinkAnswer.Delivered;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return SinkAnswer.Retry("the bus took too long");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A transport's message may hold its address with credentials.
            return SinkAnswer.Retry($"the bus failed: {e.GetType().Name}");
        }
    }

    private static AlertRaised MessageOf(Alert alert) =>
        new()
        {
            AlertId = alert.Id.Value,
            Severity = alert.Rule.Level.Word(),
            Rule = alert.Rule.Name,
            Account = alert.Facts.Account,
            Region = alert.Facts.Region,
            Body = System.Text.Encoding.UTF8.GetString(AlertJson.Write(alert)),
        };
}

using Detector.Core.Delivery;
using Detector.Core.Detection;

namespace Detector.Adapters.Enrichers;

/// <summary>Tells what else the actor did around the alert's event, as far as this process has seen it.</summary>
/// <param name="calls">Where calls are kept.</param>
public sealed class CallsAround(RecentCalls calls) : IEnricher
{
    /// <summary>How long before the event, and after it, a call counts.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(15);

    /// <inheritdoc/>
    public string Finds => "the actor's other calls";

    /// <inheritdoc/>
    public ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation) =>
        ValueTask.FromResult(
            alert is { Facts.Actor: { } actor, Time: { } time }
                ? context with
                {
                    Calls =
                    [
                        .. calls
                            .Of(actor, time - Span, time + Span)
                            .Where(call => !alert.Events.Any(one => one.EventTime == call.Time && one.EventName == call.Name)),
                    ],
                }
                : context
        );
}

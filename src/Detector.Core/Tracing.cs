using System.Collections.Concurrent;
using System.Diagnostics;
using Detector.Core.Delivery;

namespace Detector.Core;

/// <summary>
/// One event's way as a trace (OpenTelemetry): a span for its batch with one for each step, and one for each delivery of its alerts. Costs nothing while nobody
/// listens.
/// </summary>
public static class Tracing
{
    /// <summary>Name of the source of all spans.</summary>
    public const string SourceName = "Detector";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a step; the span ends when what is returned is disposed. Null while nobody listens.</summary>
    /// <param name="step">A word of <c>docs/observing.md</c>: batch, match, conclude, deliver.</param>
    /// <param name="parent">What led to it, where that is not the step around it.</param>
    public static Activity? Step(string step, ActivityContext parent = default) => Source.StartActivity(step, ActivityKind.Internal, parent);

    /// <summary>Joins the delivery of an alert to the batch that raised it. After a restart a delivery begins a trace of its own.</summary>
    internal sealed class Alerts
    {
        // Memory is bounded: beyond that many alerts, what is still to be delivered begins traces of its own.
        private const int Most = 10_000;

        private readonly ConcurrentDictionary<AlertId, ActivityContext> _raisedBy = new();

        /// <summary>The alert is raised by the step that is being taken.</summary>
        public void Raised(AlertId alert)
        {
            if (Activity.Current is not { } step)
            {
                return;
            }
            if (_raisedBy.Count >= Most)
            {
                _raisedBy.Clear();
            }
            _raisedBy.TryAdd(alert, step.Context);
        }

        /// <summary>Begins a delivery of it.</summary>
        public Activity? Deliver(Dispatch dispatch)
        {
            var activity = Step("deliver", _raisedBy.GetValueOrDefault(dispatch.Alert.Id));
            activity?.SetTag("detector.alert.id", dispatch.Alert.Id.Value);
            activity?.SetTag("detector.rule", dispatch.Alert.Rule.Name);
            activity?.SetTag("detector.sink", dispatch.Sink);
            activity?.SetTag("detector.attempt", dispatch.Attempt);
            return activity;
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;

namespace Detector.Core.Delivery;

/// <summary>Joins the delivery of an alert to the batch that raised it. After a restart a delivery begins a trace of its own.</summary>
internal sealed class AlertTraces
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
        var activity = Tracing.Step("deliver", _raisedBy.GetValueOrDefault(dispatch.Alert.Id));
        activity?.SetTag("detector.alert.id", dispatch.Alert.Id.Value);
        activity?.SetTag("detector.rule", dispatch.Alert.Rule.Name);
        activity?.SetTag("detector.sink", dispatch.Sink);
        activity?.SetTag("detector.attempt", dispatch.Attempt);
        return activity;
    }
}

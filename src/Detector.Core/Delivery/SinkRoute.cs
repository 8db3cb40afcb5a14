using Detector.Core.Rules;

namespace Detector.Core.Delivery;

/// <summary>Which alerts a sink is to have.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Minimum">The lowest level that it is sent.</param>
public sealed record SinkRoute(IAlertSink Sink, Level Minimum)
{
    /// <summary>Whether the sink is to have an alert.</summary>
    public bool Takes(Alert alert) => alert.Rule.Level >= Minimum;
}

using Detector.Core.Rules;

namespace Detector.Core.Delivery;

/// <summary>Which alerts a sink is to have.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Minimum">The lowest level that it is sent.</param>
public sealed record SinkRoute(IAlertSink Sink, Level Minimum)
{
    /// <summary>What else decides, where a channel has alerts of its own; null for nothing.</summary>
    public Func<Alert, bool>? Only { get; init; }

    /// <summary>When its alerts are a storm, if it can tell of one; null to tell each by itself.</summary>
    public DigestOptions? Digests { get; init; }

    /// <summary>Whether the sink calls people away from what they do: see <see cref="Calm"/>.</summary>
    public bool Pages { get; init; }

    /// <summary>Whether the sink is to have an alert.</summary>
    public bool Takes(Alert alert) => alert.Rule.Level >= Minimum && (Only is null || Only(alert));
}

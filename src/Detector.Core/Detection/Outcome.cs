using Detector.Core.Delivery;
using Detector.Core.Detection.Correlations;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>What stage 2 decided: alerts to deliver, then hits to forget, in that order, so that a crash between the two repeats and never loses.</summary>
public sealed class Outcome
{
    private readonly List<RaisedAlert> _alerts = [];
    private readonly List<HitKey> _forgotten = [];

    /// <summary>Alerts, each with the event that raised it.</summary>
    public IReadOnlyList<RaisedAlert> Alerts => _alerts;

    /// <summary>Journaled hits that no window needs any more.</summary>
    public IReadOnlyList<HitKey> Forgotten => _forgotten;

    internal void Add(Alert alert, EventIdentity raisedBy) => _alerts.Add(new RaisedAlert(alert, raisedBy));

    internal void Add(CorrelationRule rule, Verdict verdict)
    {
        if (verdict.Fired.Count > 0)
        {
            Add(AlertMaker.Correlated(rule, verdict.Fired), verdict.Fired[^1].Hit.Event);
        }
        _forgotten.AddRange(verdict.Released.Select(hit => hit.Key));
    }

    internal void Forget(HitKey hit) => _forgotten.Add(hit);
}

/// <summary>An alert and the event that raised it.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Event">The event; another one may raise the same alert.</param>
public readonly record struct RaisedAlert(Alert Alert, EventIdentity Event);

using Detector.Core.Delivery;
using Detector.Core.Events;

namespace Detector.Core.Detection;

/// <summary>
/// What stage 2 decided: alerts to deliver, hits to journal, then hits to forget, in that order, so that a crash in between repeats and never loses.
/// </summary>
public sealed class Outcome
{
    private readonly List<RaisedAlert> _alerts = [];
    private readonly List<JournaledHit> _journal = [];
    private readonly List<HitKey> _forgotten = [];

    /// <summary>Alerts, each with the event that raised it.</summary>
    public IReadOnlyList<RaisedAlert> Alerts => _alerts;

    /// <summary>Hits that correlations made for the correlations that build on them.</summary>
    public IReadOnlyList<JournaledHit> Journal => _journal;

    /// <summary>Journaled hits that no window needs any more.</summary>
    public IReadOnlyList<HitKey> Forgotten => _forgotten;

    internal void Add(Alert alert, EventIdentity raisedBy) => _alerts.Add(new RaisedAlert(alert, raisedBy));

    internal void Keep(JournaledHit hit) => _journal.Add(hit);

    internal void Add(Outcome other)
    {
        _alerts.AddRange(other._alerts);
        _journal.AddRange(other._journal);
        _forgotten.AddRange(other._forgotten);
    }

    internal void Forget(HitKey hit) => _forgotten.Add(hit);
}

/// <summary>An alert and the event that raised it.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Event">The event; another one may raise the same alert.</param>
public readonly record struct RaisedAlert(Alert Alert, EventIdentity Event);

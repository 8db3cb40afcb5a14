using Detector.Core.Delivery;

namespace Detector.App.Practices;

/// <summary>What one rule's alerts say of one practice, and a few of them: however many there are, no more is kept.</summary>
internal sealed class Tally(AlertRule rule, Weight weight, int kept)
{
    private readonly HashSet<string> _actors = new(StringComparer.Ordinal);
    private readonly List<Evidence> _firstOfActors = [];
    private readonly List<Evidence> _others = [];
    private long _alerts;
    private DateTimeOffset? _from;
    private DateTimeOffset? _to;

    /// <summary>The sum of it.</summary>
    public RuleFinding Finding => new(rule.Name, rule.Title, rule.Level, weight, _alerts, _from, _to);

    /// <summary>The first alerts: those of different callers before what one of them did again.</summary>
    public IEnumerable<Evidence> Telling => _firstOfActors.Concat(_others).Take(kept);

    /// <summary>Counts an alert; they come in the order of their times.</summary>
    public void Add(Alert alert)
    {
        _alerts++;
        _from ??= alert.Time;
        _to = alert.Time ?? _to;
        if (_firstOfActors.Count < kept && _actors.Add(alert.Facts.Actor ?? ""))
            _firstOfActors.Add(Of(alert));
        else if (_others.Count < kept)
            _others.Add(Of(alert));
    }

    private Evidence Of(Alert alert) => new(alert.Id.Value, rule.Name, rule.Title, rule.Level, alert.Facts, alert.Events[^1], alert.Events.Count);
}

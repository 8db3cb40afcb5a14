using Detector.Core.Delivery;

namespace Detector.App.Practices;

/// <summary>What one rule's alerts say of one practice, and the first few of them: however many there are, no more is kept.</summary>
internal sealed class Tally(AlertRule rule, Weight weight)
{
    private readonly List<Evidence> _first = [];
    private long _alerts;
    private DateTimeOffset? _from;
    private DateTimeOffset? _to;

    /// <summary>The sum of it.</summary>
    public RuleFinding Finding => new(rule.Name, rule.Title, rule.Level, weight, _alerts, _from, _to);

    /// <summary>The first alerts.</summary>
    public IReadOnlyList<Evidence> First => _first;

    /// <summary>Counts an alert; they come in the order of their times.</summary>
    public void Add(Alert alert, int kept)
    {
        _alerts++;
        _from ??= alert.Time;
        _to = alert.Time ?? _to;
        if (_first.Count < kept)
            _first.Add(new Evidence(alert.Id.Value, rule.Name, rule.Title, rule.Level, alert.Facts, alert.Events[^1], alert.Events.Count));
    }
}

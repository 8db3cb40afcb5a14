using Detector.Core.Delivery;

namespace Detector.App.Replays;

/// <summary>What one suppression hid of one rule.</summary>
/// <param name="Suppression">What it is called.</param>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Alerts">Alerts that would have been told.</param>
/// <param name="Events">Events behind them.</param>
/// <param name="Actor">Who would have been told of most.</param>
internal sealed record HiddenAlerts(string Suppression, string Rule, long Alerts, long Events, string Actor)
{
    /// <summary>In one line.</summary>
    public override string ToString() => $"suppression {Suppression} hid {Alerts} alerts of {Rule} ({Events} events, most of {Actor})";
}

/// <summary>Counts what suppressions hide: nothing that they do is invisible.</summary>
internal sealed class HiddenTally
{
    // Enough to name who stands out; a million names need not be kept for it.
    private const int MostActors = 10_000;

    private readonly Dictionary<(string Suppression, string Rule), Count> _counts = [];

    /// <summary>What was counted, the most hidden first.</summary>
    public IReadOnlyList<HiddenAlerts> Tallies =>
        [
            .. _counts
                .Select(pair => new HiddenAlerts(
                    pair.Key.Suppression,
                    pair.Key.Rule,
                    pair.Value.Alerts,
                    pair.Value.Events,
                    pair.Value.Actors.OrderByDescending(actor => actor.Value).ThenBy(actor => actor.Key, StringComparer.Ordinal).First().Key
                ))
                .OrderByDescending(one => one.Alerts)
                .ThenBy(one => one.Suppression, StringComparer.Ordinal)
                .ThenBy(one => one.Rule, StringComparer.Ordinal),
        ];

    /// <summary>Counts an alert that is hidden.</summary>
    public void Add(Alert alert)
    {
        var key = (alert.HiddenBy!, alert.Rule.Name);
        if (!_counts.TryGetValue(key, out var count))
            _counts.Add(key, count = new Count());
        count.Alerts++;
        count.Events += alert.Events.Count;
        var actor = alert.Facts.Actor ?? alert.Group ?? "nobody named";
        if (count.Actors.Count < MostActors || count.Actors.ContainsKey(actor))
            count.Actors[actor] = count.Actors.GetValueOrDefault(actor) + 1;
    }

    private sealed class Count
    {
        public long Alerts { get; set; }

        public long Events { get; set; }

        public Dictionary<string, long> Actors { get; } = new(StringComparer.Ordinal);
    }
}

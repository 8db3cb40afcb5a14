using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>Tells which correlations wait for a hit, and with which values it comes to them.</summary>
internal sealed class WaitingRoom
{
    private readonly Dictionary<string, Rule> _byKey;
    private readonly Dictionary<string, int> _ranks;
    private readonly Dictionary<(string Correlation, string Rule), Entrance> _entrances = [];

    public WaitingRoom(RuleSet rules)
    {
        _byKey = rules.Detections.Concat<Rule>(rules.Correlations).ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        _ranks = rules.Correlations.Select((rule, place) => (rule.Key, Rank: place + 1)).ToDictionary(x => x.Key, x => x.Rank, StringComparer.Ordinal);
        foreach (var correlation in rules.Correlations)
        {
            foreach (var rule in correlation.Rules)
            {
                _entrances[(correlation.Key, rule)] = new Entrance(
                    correlation,
                    FieldsOf(correlation.GroupBy),
                    correlation.Fields.Count > 0 ? FieldsOf(correlation.Fields) : null
                );

                // What the correlation calls by one name each rule may have in a field of its own.
                GroupKey FieldsOf(IReadOnlyList<string> names) =>
                    new([.. names.Select(name => correlation.Aliases.TryGetValue(name, out var fields) ? fields.GetValueOrDefault(rule, name) : name)]);
            }
        }
    }

    /// <summary>A hit in the journal's form, once for each correlation that waits for it.</summary>
    public static IEnumerable<JournaledHit> Announce(RuleSet rules, Hit hit) =>
        hit.Time is { } time
            ? rules
                .CorrelationsOf(hit.Rule)
                .Select(correlation => new JournaledHit(new HitKey(correlation.Key, hit.Rule.Key, hit.Event), time, hit.Record, hit.Origin, hit.Index))
            : [];

    /// <summary>Null if nobody waits for the hit: its rule is gone, or it lacks a field that groups are made of.</summary>
    public WaitingHit? Admit(JournaledHit hit) =>
        _entrances.TryGetValue((hit.Key.Correlation, hit.Key.Rule), out var entrance) && entrance.Group.Of(hit.Record.Span) is { } group
            ? new WaitingHit(
                entrance.Correlation,
                new Hit(_byKey[hit.Key.Rule], hit.Key.Event, hit.Time, hit.Record, hit.Origin, hit.Index),
                group,
                entrance.Value?.Of(hit.Record.Span),
                hit.Time,
                _ranks.GetValueOrDefault(hit.Key.Rule)
            )
            : null;

    /// <param name="Correlation">The correlation behind it.</param>
    /// <param name="Group">Takes the values that make the group.</param>
    /// <param name="Value">Takes the values that are counted, if any are.</param>
    private sealed record Entrance(CorrelationRule Correlation, GroupKey Group, GroupKey? Value);
}

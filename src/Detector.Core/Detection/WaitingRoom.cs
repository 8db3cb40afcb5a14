using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection;

/// <summary>Tells what waits for a hit, and with which values it comes to it.</summary>
internal sealed class WaitingRoom
{
    private const int BeforeOthers = -1;

    private readonly Dictionary<string, Rule> _byKey;
    private readonly Dictionary<string, int> _ranks;
    private readonly Dictionary<(string For, string Rule), Entrance> _entrances = [];

    private readonly IHistory? _history;

    /// <param name="rules">The rules for which hits come.</param>
    /// <param name="history">What is known of sessions, for correlations that group by it.</param>
    public WaitingRoom(RuleSet rules, IHistory? history = null)
    {
        _history = history;
        _byKey = rules.Tried.Concat<Rule>(rules.Correlations).ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        _ranks = rules.Correlations.Select((rule, place) => (rule.Key, Rank: place + 1)).ToDictionary(x => x.Key, x => x.Rank, StringComparer.Ordinal);
        foreach (var rule in rules.Tried.Where(rule => rules.Waits(rule) || rule.Teaches != Lessons.None))
        {
            _entrances[(rule.Key, rule.Key)] = new Entrance(rule, new GroupKey(rule.Sighting?.By ?? []), null);
            _ranks[rule.Key] = rule.Teaches == Lessons.None ? 0 : BeforeOthers;
        }
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

    /// <summary>A hit in the journal's form, once for each correlation that waits for it; or for its own rule alone, which comes first.</summary>
    public static IEnumerable<JournaledHit> Announce(RuleSet rules, Hit hit) => !rules.Waits(hit.Rule) ? ForCorrelations(rules, hit) : ForItself(hit);

    /// <summary>A hit in the journal's form for its own rule; none without a time.</summary>
    public static IEnumerable<JournaledHit> ForItself(Hit hit) => hit.Time is { } time ? [Journaled(hit.Rule, hit, time)] : [];

    /// <summary>A hit in the journal's form, once for each correlation that waits for it.</summary>
    public static IEnumerable<JournaledHit> ForCorrelations(RuleSet rules, Hit hit) =>
        hit.Time is { } time ? rules.CorrelationsOf(hit.Rule).Select(correlation => Journaled(correlation, hit, time)) : [];

    /// <summary>Whether the rules know what the hit waits for, and the rule that it is of.</summary>
    public bool Knows(HitKey hit) => _entrances.ContainsKey((hit.For, hit.Rule));

    /// <summary>Null if nobody waits for the hit: its rule is gone, or it lacks a field that groups are made of.</summary>
    public WaitingHit? Admit(JournaledHit hit) => Admit(hit, null);

    /// <summary>The same where the hit is at hand as it was before it was journaled.</summary>
    public WaitingHit? Admit(JournaledHit hit, Hit? made) =>
        _entrances.TryGetValue((hit.Key.For, hit.Key.Rule), out var entrance) && entrance.Group.Of(hit.Record.Span, Known(hit)) is { } group
            ? new WaitingHit(
                entrance.For,
                made ?? new Hit(_byKey[hit.Key.Rule], hit.Key.Event, hit.Time, hit.Record, hit.Origin, hit.Index) { SentAt = hit.SentAt },
                group,
                entrance.Value?.Of(hit.Record.Span, Known(hit)),
                hit.Time + ((entrance.For as DetectionRule)?.After ?? TimeSpan.Zero),
                _ranks.GetValueOrDefault(hit.Key.Rule)
            )
            : null;

    private Past? Known(JournaledHit hit) => _history is null ? null : new Past(_history, hit.Time);

    private static JournaledHit Journaled(Rule waits, Hit hit, DateTimeOffset time) =>
        new(new HitKey(waits.Key, hit.Rule.Key, hit.Event), time, hit.Record, hit.Origin, hit.Index) { SentAt = hit.SentAt };

    /// <param name="For">What is behind it.</param>
    /// <param name="Group">Takes the values that make the group.</param>
    /// <param name="Value">Takes the values that are counted, if any are.</param>
    private sealed record Entrance(Rule For, GroupKey Group, GroupKey? Value);
}

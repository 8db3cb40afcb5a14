using Detector.Core.Events;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules;

/// <summary>
/// An immutable set of compiled rules. Each thread that matches has a <see cref="RuleMatcher"/> of its own; a reload makes a new set and swaps it in whole.
/// </summary>
public sealed class RuleSet
{
    private readonly ILookup<string, CorrelationRule> _correlationsOf;

    private readonly HashSet<string> _waiting;

    private RuleSet(
        IReadOnlyList<DetectionRule> detections,
        IReadOnlyList<CorrelationRule> correlations,
        IReadOnlyList<RuleError> warnings,
        IReadOnlyList<DetectionRule> hidden
    )
    {
        var lessons = LessonRules.For([.. detections, .. hidden]);
        Hidden = hidden;
        Detections = detections;
        Correlations = correlations;
        Warnings = warnings;
        Lessons = lessons;
        Tried = [.. detections, .. lessons, .. hidden];
        Index = new RuleIndex(Tried, correlations.SelectMany(rule => rule.GroupBy.Concat(rule.Fields)).Concat(SessionFields.Keys));
        _correlationsOf = correlations
            .SelectMany(c => c.Rules.Distinct(StringComparer.Ordinal), (c, rule) => (c, rule))
            .ToLookup(x => x.rule, x => x.c, StringComparer.Ordinal);
        _waiting =
        [
            .. detections.Concat(hidden).Where(MustWait).Concat(lessons.Where(rule => rule.Teaches != Fields.Lessons.Sessions)).Select(rule => rule.Key),
        ];
    }

    /// <summary>A set without rules.</summary>
    public static RuleSet Empty { get; } = Compile([]);

    /// <summary>The rules that one event can meet.</summary>
    public IReadOnlyList<DetectionRule> Detections { get; }

    /// <summary>The rules that several events meet together, each behind those that it builds on.</summary>
    public IReadOnlyList<CorrelationRule> Correlations { get; }

    /// <summary>What is doubtful about the set: rules that share an id, correlations of rules that are not there.</summary>
    public IReadOnlyList<RuleError> Warnings { get; }

    /// <summary>What a <see cref="RecordReader"/> has to take from each record for this set.</summary>
    public RecordSelection Selection => Index.Selection;

    /// <summary>Rules that no index serves: they are tried on every record.</summary>
    public IReadOnlyList<DetectionRule> TriedAlways => Index.TriedAlways;

    /// <summary>The parts of detections that suppressions hide: their alerts are counted, and sent to nobody.</summary>
    public IReadOnlyList<DetectionRule> Hidden { get; }

    /// <summary>Every rule that records are tried on: the detections, their hidden parts, and those by which history learns, which never alert.</summary>
    public IReadOnlyList<DetectionRule> Tried { get; }

    internal RuleIndex Index { get; }

    /// <summary>Rules of our own that find the events which history learns from, as far as a rule asks for history.</summary>
    internal IReadOnlyList<DetectionRule> Lessons { get; }

    /// <summary>The correlations that combine a rule's hits.</summary>
    public IEnumerable<CorrelationRule> CorrelationsOf(Rule rule) => _correlationsOf[rule.Key];

    /// <summary>Whether the record alone does not decide the rule: its hits wait for their place in time, where history is asked, or for a while longer.</summary>
    public bool Waits(Rule rule) => Waits(rule.Key);

    /// <summary>The same, by the rule's <see cref="Rule.Key"/>.</summary>
    public bool Waits(string rule) => _waiting.Contains(rule);

    /// <summary>Whether meeting the rule is an alert: not if the rule only serves correlations, unless one of them asks for it.</summary>
    public bool AlertsByItself(Rule rule) =>
        rule is not DetectionRule { IsLesson: true } && (!_correlationsOf.Contains(rule.Key) || _correlationsOf[rule.Key].Any(c => c.Generate));

    /// <summary>The rules that would miss an event of a tried rule if it did not come: the rule itself, correlations of it, rules that ask for what it teaches.</summary>
    public IReadOnlyList<Rule> Served(DetectionRule tried) => [.. Using(tried).SelectMany(Telling).DistinctBy(rule => rule.Key, StringComparer.Ordinal)];

    /// <summary>The same, of some of the rules and those that they build on; the others might as well not be there.</summary>
    public RuleSet Only(IEnumerable<Rule> rules)
    {
        var wanted = rules.Select(rule => rule.Key).ToHashSet(StringComparer.Ordinal);
        // Each stands behind those that it builds on.
        foreach (var correlation in Correlations.Reverse().Where(rule => wanted.Contains(rule.Key)))
            wanted.UnionWith(correlation.Rules);
        List<DetectionRule> detections = [.. Detections.Where(rule => wanted.Contains(rule.Key))];
        return new RuleSet(detections, [.. Correlations.Where(rule => wanted.Contains(rule.Key))], [], [.. Hidden.Where(rule => wanted.Contains(rule.Hides!))]);
    }

    /// <summary>Compiles rules. Never throws on what rules hold; rules that cannot work are left out with a warning.</summary>
    public static RuleSet Compile(IReadOnlyList<Rule> rules)
    {
        var warnings = new List<RuleError>();
        var unique = WithUniqueKeys(rules, warnings);
        var links = new RuleLinks(unique, warnings);
        var (detections, hidden) = links.Narrow([.. unique.OfType<DetectionRule>()], unique.OfType<FilterRule>());
        var correlations = links.Order([.. unique.OfType<CorrelationRule>()]);
        return new RuleSet(detections, correlations, warnings, hidden);
    }

    private IEnumerable<DetectionRule> Using(DetectionRule tried) =>
        tried.Teaches == Fields.Lessons.None
            ? [tried]
            : Detections.Where(rule => rule.Fields.Any(field => DerivedFields.Find(field) is { } derived && derived.Asks.HasFlag(tried.Teaches)));

    private IEnumerable<Rule> Telling(Rule rule) => (AlertsByItself(rule) ? new[] { rule } : []).Concat(CorrelationsOf(rule).SelectMany(Telling));

    private bool MustWait(DetectionRule rule) =>
        rule.After is not null
        || rule.Sighting is not null
        || (rule.AsksForDerived && Implied.AnyField(rule.Condition, DerivedFields.NeedsHistory))
        || _correlationsOf[rule.Key].Any(correlation => correlation.AsksForSession);

    private static List<Rule> WithUniqueKeys(IReadOnlyList<Rule> rules, List<RuleError> warnings)
    {
        var known = new Dictionary<string, Rule>(rules.Count, StringComparer.Ordinal);
        var unique = new List<Rule>(rules.Count);
        foreach (var rule in rules)
        {
            var own = rule;
            if (known.TryGetValue(rule.Key, out var other))
            {
                warnings.Add(new RuleError(rule.Place, $"shares the id '{rule.Key}' with {other.Place}", "give it an id of its own"));
                own = rule with { Key = $"{rule.Key} {rule.Title}" };
                for (var n = 2; known.ContainsKey(own.Key); n++)
                {
                    own = rule with { Key = $"{rule.Key} {rule.Title} {n}" };
                }
            }
            known.Add(own.Key, own);
            unique.Add(own);
        }
        return unique;
    }
}

using Detector.Core.Events;

namespace Detector.Core.Rules;

/// <summary>
/// An immutable set of compiled rules. Each thread that matches has a <see cref="RuleMatcher"/> of its own; a reload makes a new set and swaps it in whole.
/// </summary>
public sealed class RuleSet
{
    private readonly ILookup<string, CorrelationRule> _correlationsOf;

    private RuleSet(IReadOnlyList<DetectionRule> detections, IReadOnlyList<CorrelationRule> correlations, IReadOnlyList<RuleError> warnings, RuleIndex index)
    {
        Detections = detections;
        Correlations = correlations;
        Warnings = warnings;
        Index = index;
        _correlationsOf = correlations
            .SelectMany(c => c.Rules.Distinct(StringComparer.Ordinal), (c, rule) => (c, rule))
            .ToLookup(x => x.rule, x => x.c, StringComparer.Ordinal);
    }

    /// <summary>A set without rules.</summary>
    public static RuleSet Empty { get; } = Compile([]);

    /// <summary>The rules that one event can meet.</summary>
    public IReadOnlyList<DetectionRule> Detections { get; }

    /// <summary>The rules that several events meet together.</summary>
    public IReadOnlyList<CorrelationRule> Correlations { get; }

    /// <summary>What is doubtful about the set: rules that share an id, correlations of rules that are not there.</summary>
    public IReadOnlyList<RuleError> Warnings { get; }

    /// <summary>What a <see cref="RecordReader"/> has to take from each record for this set.</summary>
    public RecordSelection Selection => Index.Selection;

    /// <summary>Rules that no index serves: they are tried on every record.</summary>
    public IReadOnlyList<DetectionRule> TriedAlways => Index.TriedAlways;

    internal RuleIndex Index { get; }

    /// <summary>The correlations that combine a rule's hits.</summary>
    public IEnumerable<CorrelationRule> CorrelationsOf(DetectionRule rule) => _correlationsOf[rule.Key];

    /// <summary>Whether one event that meets the rule is an alert: not if the rule only serves correlations, unless one of them asks for it.</summary>
    public bool AlertsByItself(DetectionRule rule) => !_correlationsOf.Contains(rule.Key) || _correlationsOf[rule.Key].Any(c => c.Generate);

    /// <summary>Compiles rules. Never throws on what rules hold; rules that cannot work are left out with a warning.</summary>
    public static RuleSet Compile(IReadOnlyList<Rule> rules)
    {
        var warnings = new List<RuleError>();
        var unique = WithUniqueKeys(rules, warnings);
        var detections = unique.OfType<DetectionRule>().ToArray();
        var correlations = unique.OfType<CorrelationRule>().Select(c => Resolve(c, detections, warnings)).OfType<CorrelationRule>().ToArray();
        return new RuleSet(detections, correlations, warnings, new RuleIndex(detections));
    }

    private static List<Rule> WithUniqueKeys(IReadOnlyList<Rule> rules, List<RuleError> warnings)
    {
        var known = new Dictionary<string, Rule>(StringComparer.Ordinal);
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

    /// <summary>Puts keys in place of the ids, names or titles by which a correlation refers to rules.</summary>
    private static CorrelationRule? Resolve(CorrelationRule correlation, DetectionRule[] detections, List<RuleError> warnings)
    {
        var keys = new List<string>();
        foreach (var reference in correlation.Rules)
        {
            var rule =
                detections.FirstOrDefault(r => r.Id == reference)
                ?? detections.FirstOrDefault(r => r.Name == reference)
                ?? detections.FirstOrDefault(r => r.Title == reference);
            if (rule is null)
            {
                warnings.Add(new RuleError(correlation.Place, $"left out: it correlates '{reference}', which is not loaded"));
                return null;
            }
            keys.Add(rule.Key);
        }
        return correlation with { Rules = keys };
    }
}

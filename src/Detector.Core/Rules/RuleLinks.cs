namespace Detector.Core.Rules;

/// <summary>Joins rules to the rules that they refer to by id, by name, or by title.</summary>
internal sealed class RuleLinks
{
    private readonly List<RuleError> _warnings;
    private readonly Dictionary<string, Rule> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Rule> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Rule> _byTitle = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CorrelationRule?> _resolved = new(StringComparer.Ordinal);

    public RuleLinks(IEnumerable<Rule> rules, List<RuleError> warnings)
    {
        _warnings = warnings;
        foreach (var rule in rules.Where(r => r is not FilterRule))
        {
            if (rule.Id is not null)
            {
                _byId.TryAdd(rule.Id, rule);
            }
            if (rule.Name is not null)
            {
                _byName.TryAdd(rule.Name, rule);
            }
            _byTitle.TryAdd(rule.Title, rule);
        }
    }

    /// <summary>
    /// Detections with the conditions of the filters that name them, and behind them, for each suppression among these, the part of the detection that it hides.
    /// </summary>
    public (DetectionRule[] Told, DetectionRule[] Hidden) Narrow(IReadOnlyList<DetectionRule> detections, IEnumerable<FilterRule> filters)
    {
        var filtersOf = new Dictionary<string, List<FilterRule>>(StringComparer.Ordinal);
        foreach (var filter in filters)
        {
            foreach (var key in filter.Rules?.Select(reference => KeyOf(filter, reference)).OfType<string>() ?? detections.Select(rule => rule.Key))
            {
                if (!filtersOf.TryGetValue(key, out var others))
                {
                    filtersOf.Add(key, others = []);
                }
                others.Add(filter);
            }
        }
        return ([.. detections.Select(Narrowed)], [.. detections.Where(rule => filtersOf.ContainsKey(rule.Key)).SelectMany(Hidden)]);

        DetectionRule Narrowed(DetectionRule rule) =>
            filtersOf.TryGetValue(rule.Key, out var by)
                ? rule with
                {
                    Condition = new Condition.And([rule.Condition, .. by.Select(WhileInForce)]),
                    NarrowedBy = [.. by.Select(filter => filter.Label)],
                }
                : rule;

        IEnumerable<DetectionRule> Hidden(DetectionRule rule) =>
            filtersOf[rule.Key].Where(filter => filter.Terms is not null).Select(filter => HiddenPart(rule, filter, filtersOf[rule.Key]));
    }

    /// <summary>A suppression asks for nothing of events after its end, nor of those that do not tell their time.</summary>
    private static Condition WhileInForce(FilterRule filter) =>
        filter.Terms is { } terms ? new Condition.Or([filter.Condition, new Condition.Not(Before(terms))]) : filter.Condition;

    private static Condition.Field Before(SuppressionTerms terms) => new("eventTime", new FieldTest.Before(terms.Expires));

    private static DetectionRule HiddenPart(DetectionRule rule, FilterRule by, IEnumerable<FilterRule> filters) =>
        rule with
        {
            Key = $"{rule.Key} hidden by {by.Key}",
            Condition = new Condition.And([
                rule.Condition,
                .. filters.Where(filter => filter.Terms is null).Select(filter => filter.Condition),
                new Condition.Not(by.Condition),
                Before(by.Terms!),
            ]),
            HiddenBy = by.Label,
            Hides = rule.Key,
        };

    /// <summary>Correlations with keys in place of references, each behind those that it builds on; those that cannot work are left out.</summary>
    public CorrelationRule[] Order(IReadOnlyList<CorrelationRule> correlations)
    {
        var ordered = new List<CorrelationRule>();
        foreach (var correlation in correlations)
        {
            Resolve(correlation, [], ordered);
        }
        return [.. ordered];
    }

    /// <summary>The key of the detection that a filter refers to; null, with a warning, if there is none.</summary>
    private string? KeyOf(FilterRule filter, string reference)
    {
        var rule = Find(filter, reference);
        if (rule is DetectionRule)
        {
            return rule.Key;
        }
        _warnings.Add(
            new RuleError(
                filter.Place,
                rule is null
                    ? $"filters '{reference}', which is not loaded{(NearestName.Of(reference, _byName.Keys) is { } near ? $": did you mean {near}?" : "")}"
                    : $"filters '{reference}', a correlation: filters narrow detections only"
            )
        );
        return null;
    }

    private CorrelationRule? Resolve(CorrelationRule correlation, HashSet<string> above, List<CorrelationRule> ordered)
    {
        if (_resolved.TryGetValue(correlation.Key, out var known))
        {
            return known;
        }
        if (!above.Add(correlation.Key))
        {
            _warnings.Add(new RuleError(correlation.Place, $"left out: '{correlation.Label}' builds on itself"));
            return null;
        }
        var resolved = WithKeys(correlation, above, ordered);
        above.Remove(correlation.Key);
        _resolved[correlation.Key] = resolved;
        if (resolved is not null)
        {
            ordered.Add(resolved);
        }
        return resolved;
    }

    private CorrelationRule? WithKeys(CorrelationRule correlation, HashSet<string> above, List<CorrelationRule> ordered)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var reference in correlation.Rules)
        {
            var rule = Find(correlation, reference);
            if (rule is null || (rule is CorrelationRule inner && Resolve(inner, above, ordered) is null))
            {
                _warnings.Add(
                    new RuleError(correlation.Place, $"left out: it correlates '{reference}', which is {(rule is null ? "not loaded" : "left out itself")}")
                );
                return null;
            }
            keys[reference] = rule.Key;
        }
        return correlation with
        {
            Rules = [.. correlation.Rules.Select(reference => keys[reference])],
            Aliases = correlation.Aliases.ToDictionary(
                alias => alias.Key,
                alias => (IReadOnlyDictionary<string, string>)ByKey(alias.Value, correlation),
                StringComparer.Ordinal
            ),
        };
    }

    private Dictionary<string, string> ByKey(IReadOnlyDictionary<string, string> fields, CorrelationRule correlation)
    {
        var byKey = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (reference, field) in fields)
        {
            if (Find(correlation, reference) is { } rule)
            {
                byKey[rule.Key] = field;
            }
            else
            {
                _warnings.Add(new RuleError(correlation.Place, $"an alias names '{reference}', which is not loaded"));
            }
        }
        return byKey;
    }

    private Rule? Find(Rule from, string reference)
    {
        if (_byId.TryGetValue(reference, out var rule) || _byName.TryGetValue(reference, out rule))
        {
            return rule;
        }
        if (_byTitle.TryGetValue(reference, out rule))
        {
            _warnings.Add(new RuleError(from.Place, $"refers to '{reference}' by its title", "refer to rules by id or name"));
            return rule;
        }
        return null;
    }
}

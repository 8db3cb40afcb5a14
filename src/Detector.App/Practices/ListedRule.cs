using Detector.App.AwsFacts;
using Detector.App.RuleTests;
using Detector.Core.Rules;

namespace Detector.App.Practices;

/// <summary>How many cases stand beside a rule, by what they expect.</summary>
/// <param name="Fires">Cases that must raise it.</param>
/// <param name="Attempt">Cases that must raise the rule for attempts beside it.</param>
/// <param name="Quiet">Cases that must raise neither.</param>
internal readonly record struct CaseCount(int Fires, int Attempt, int Quiet)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Fires}/{Attempt}/{Quiet}";

    public static CaseCount operator +(CaseCount left, CaseCount right) =>
        new(left.Fires + right.Fires, left.Attempt + right.Attempt, left.Quiet + right.Quiet);
}

/// <summary>A rule that alerts by itself, with what people want to know of it at a glance.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Cases">Those of its folder.</param>
/// <param name="NeedsHistory">Whether it is judged by what the trail has shown before.</param>
/// <param name="NeedsReadOnly">Whether it, or a rule that it combines, looks for calls that only read.</param>
/// <param name="NeedsData">Whether it, or a rule that it combines, looks for data events.</param>
internal sealed record ListedRule(Rule Rule, CaseCount Cases, bool NeedsHistory, bool NeedsReadOnly, bool NeedsData)
{
    /// <summary>What it detects: its tags <c>detector.SLUG</c>, the one for attempts aside.</summary>
    public IReadOnlyList<string> Detections { get; } = [.. DetectionTags.Detections(Rule.Tags)];

    /// <summary>Whether it tells of calls that were refused.</summary>
    public bool IsAttempt { get; } = DetectionTags.IsAttempt(Rule.Tags);

    /// <summary>Techniques of MITRE ATT&amp;CK, such as T1078.004.</summary>
    public IReadOnlyList<string> Techniques { get; } =
    [
        .. Rule
            .Tags.Where(tag => tag.StartsWith("attack.t", StringComparison.Ordinal) && tag.Length > 8 && char.IsAsciiDigit(tag[8]))
            .Select(tag => tag["attack.".Length..].ToUpperInvariant()),
    ];

    /// <summary>Its level as rules write it.</summary>
    public string Level => Rule.Level.Word();

    /// <summary>What must be there for it to fire, in words.</summary>
    public IEnumerable<string> Needs =>
        new[] { (NeedsHistory, "history"), (NeedsReadOnly, "read-only events"), (NeedsData, "data events") }
            .Where(need => need.Item1)
            .Select(need => need.Item2);

    /// <summary>The rules of a set that alert by themselves, in the order of what they detect.</summary>
    public static IReadOnlyList<ListedRule> Of(RuleSet rules)
    {
        var byKey = rules.Detections.Concat<Rule>(rules.Correlations).ToDictionary(rule => rule.Key, StringComparer.Ordinal);
        return
        [
            .. TestedRules
                .Of(rules)
                .SelectMany(tested =>
                    tested.Rules.Concat(tested.Attempts).Select(rule => Of(rule, CountOf(tested.Cases), [.. Parts(rule, byKey).OfType<DetectionRule>()], rules))
                )
                .OrderBy(rule => rule.Detections is [var first, ..] ? first : "", StringComparer.Ordinal)
                .ThenByDescending(rule => rule.Rule.Level)
                .ThenBy(rule => rule.Rule.Label, StringComparer.Ordinal),
        ];
    }

    private static ListedRule Of(Rule rule, CaseCount cases, List<DetectionRule> parts, RuleSet rules)
    {
        var calls = parts.ConvertAll(part => NamedCalls.Of(part.Condition));
        return new ListedRule(rule, cases, parts.Exists(rules.Waits), calls.Exists(call => call.Read.Count > 0), calls.Exists(call => call.Data.Count > 0));
    }

    /// <summary>The rule itself, or the rules that a correlation combines; correlations combine no rule that builds on them.</summary>
    private static IEnumerable<Rule> Parts(Rule rule, Dictionary<string, Rule> byKey) =>
        rule is CorrelationRule correlation ? correlation.Rules.Where(byKey.ContainsKey).SelectMany(key => Parts(byKey[key], byKey)) : [rule];

    private static CaseCount CountOf(IReadOnlyList<RuleCase> cases) =>
        new(
            cases.Count(one => one.Expected == Expectation.Fires),
            cases.Count(one => one.Expected == Expectation.Attempt),
            cases.Count(one => one.Expected == Expectation.Quiet)
        );
}

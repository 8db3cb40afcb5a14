using Detector.App.AwsFacts;
using Detector.Core.Rules;
using Detector.Core.Rules.Wanting;

namespace Detector.App.Infra;

/// <summary>What a rule needs, in words that name the rules which would miss it.</summary>
/// <param name="What">Calls, or records.</param>
/// <param name="Rules">Labels of the rules that alert.</param>
internal sealed record Need(string What, IReadOnlyList<string> Rules);

/// <summary>The EventBridge patterns for a rule set: every event that a rule can meet, or learns from, passes one of them.</summary>
/// <param name="Rules">How many rules alert.</param>
/// <param name="Limit">Characters that a pattern may have.</param>
/// <param name="Wanted">What passes; records that meet any of these.</param>
/// <param name="Patterns">As EventBridge takes them.</param>
/// <param name="Wide">Records that are wanted whatever they are called: they make most of what passes.</param>
/// <param name="ReadOnly">Named calls that only read.</param>
/// <param name="Data">Named data events.</param>
/// <param name="Global">Event sources whose events appear in one region of a partition.</param>
internal sealed record PatternPlan(
    int Rules,
    int Limit,
    IReadOnlyList<Wanted> Wanted,
    IReadOnlyList<EventPattern> Patterns,
    IReadOnlyList<Need> Wide,
    IReadOnlyList<Need> ReadOnly,
    IReadOnlyList<Need> Data,
    IReadOnlyList<Need> Global
)
{
    /// <summary>Rules that a bus may have by AWS's default quota.</summary>
    public const int RulesOfBus = 300;

    /// <summary>The state in which EventBridge passes calls that only read. The patterns say which of these are wanted, so it costs nothing to have it everywhere.</summary>
    public const string State = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

    /// <summary>Labels of the rules that look for calls which only read, be it by name or whatever the call is.</summary>
    public IReadOnlyList<string> Reading =>
        [.. ReadOnly.Concat(Wide).SelectMany(need => need.Rules).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What no pattern brings, whatever the rules ask.</summary>
    public static IReadOnlyList<string> Unreachable { get; } =
    [
        "data events (S3 objects, Lambda invocations, ...), unless a trail of the account records them",
        "Insights and network activity events: read them from a trail's files (s3.notifications, or replay)",
        "events larger than 256 KB, which EventBridge drops; the trail's file has them",
        "events of other accounts and regions, unless rules there forward them to this bus (infra/terraform does)",
        "events of an account without any trail that records management events",
    ];

    public static PatternPlan For(RuleSet rules, int limit)
    {
        var tried = rules
            .Tried.Select(rule =>
                (Rule: rule, Wanted: WantedRecords.Of(rule), Labels: (IReadOnlyList<string>)[.. rules.Served(rule).Select(served => served.Label)])
            )
            .Where(one => one.Labels.Count > 0)
            .ToList();
        var wanted = WantedRecords.Simplest(tried.SelectMany(one => one.Wanted));
        var calls = tried.ConvertAll(one => (Calls: NamedCalls.Of(one.Rule.Condition), one.Labels));
        return new PatternPlan(
            rules.Detections.Concat<Rule>(rules.Correlations).Count(rules.AlertsByItself),
            limit,
            wanted,
            EventPattern.Pack(wanted.OrderByDescending(one => one.IsWide), limit),
            Needs(
                wanted
                    .Where(one => one.IsWide)
                    .SelectMany(wide => tried.Where(one => one.Wanted.Any(own => own.IsWide && wide.Covers(own))).Select(one => (Words(wide), one.Labels)))
            ),
            Needs(calls.SelectMany(call => call.Calls.Read.Select(name => (name, call.Labels)))),
            Needs(calls.SelectMany(call => call.Calls.Data.Select(name => (name, call.Labels)))),
            Needs(
                calls.SelectMany(call =>
                    call.Calls.Sources.Where(source => GlobalServices.Appear.Contains(source, StringComparer.OrdinalIgnoreCase))
                        .Select(source => (source, call.Labels))
                )
            )
        );
    }

    /// <summary>What is wanted, for people.</summary>
    public static string Words(Wanted wanted) =>
        wanted.Fields.Count == 0
            ? "every record"
            : string.Join(
                " and ",
                wanted.Fields.Select(field =>
                    field.Value switch
                    {
                        [{ Kind: WantedKind.Any }] => $"any {field.Key}",
                        [{ Kind: WantedKind.Start } start] => $"{field.Key} begins with {start.Text}",
                        [var only] => $"{field.Key} {only.Text}",
                        { Count: <= 4 } few => $"{field.Key} {string.Join(" or ", few.Select(value => value.Text))}",
                        var many => $"{field.Key} {many[0].Text}, {many[1].Text} or {many.Count - 2} more",
                    }
                )
            );

    private static IReadOnlyList<Need> Needs(IEnumerable<(string What, IReadOnlyList<string> Labels)> needs) =>
        [
            .. needs
                .GroupBy(need => need.What, StringComparer.OrdinalIgnoreCase)
                .Select(same => new Need(same.Key, [.. same.SelectMany(need => need.Labels).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]))
                .OrderBy(need => need.What, StringComparer.Ordinal),
        ];
}

using System.Collections.ObjectModel;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Rules;

/// <summary>What every Sigma document says of itself. Source: Sigma specification 2.1, "Components".</summary>
public abstract record Rule
{
    /// <summary>Sigma <c>id</c> (a UUID), or null.</summary>
    public string? Id { get; init; }

    /// <summary>Sigma <c>name</c>: a slug by which correlations refer to the rule, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Sigma <c>title</c>: one line for people.</summary>
    public required string Title { get; init; }

    /// <summary>Sigma <c>description</c>: why it matters; empty if the rule does not say.</summary>
    public string Description { get; init; } = "";

    /// <summary>Sigma <c>level</c>; medium where the rule has none.</summary>
    public Level Level { get; init; } = Level.Medium;

    /// <summary>Sigma <c>status</c> such as <c>stable</c>, or null.</summary>
    public string? Status { get; init; }

    /// <summary>Sigma <c>tags</c> such as <c>attack.t1078.004</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What to do first: <c>detector: {first-step: ...}</c>; empty if the rule does not say.</summary>
    public string FirstStep { get; init; } = "";

    /// <summary>Sigma <c>modified</c>, or else <c>date</c>: when the rule was last changed, as it is written; null if the rule does not say.</summary>
    public string? Changed { get; init; }

    /// <summary>Changes of an event that end the rule's alert and need not, by their names, with the reason: <c>detector: {mutations: {...}}</c>.</summary>
    public IReadOnlyDictionary<string, string> Mutations { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Where the rule was read from.</summary>
    public required RulePlace Place { get; init; }

    /// <summary>What the rule is known by, and what AlertIds are made from: its id, or its title. A rule set keeps it unique.</summary>
    public string Key
    {
        get => field ?? Id ?? Title;
        init;
    }

    /// <summary>What people call it: its name, or its title.</summary>
    public string Label => Name ?? Title;
}

/// <summary>A place in a rule file, for messages.</summary>
/// <param name="File">The path as it was given.</param>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based.</param>
public readonly record struct RulePlace(string File, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A rule that one event can meet.</summary>
public sealed record DetectionRule : Rule
{
    /// <summary>The whole condition, with search identifiers put in place and modifiers applied.</summary>
    public required Condition Condition
    {
        get;
        init
        {
            field = value;
            AsksForDerived = Implied.AnyField(value, DerivedFields.IsReserved);
        }
    }

    /// <summary>Whether the condition asks for derived fields. Most do not, and what these need is then not looked for in it.</summary>
    internal bool AsksForDerived { get; private init; }

    /// <summary>How repeats are kept quiet: <c>detector: {suppress: {by: [...], for: 1h}}</c>; null if every event alerts.</summary>
    public Suppression? Suppression { get; init; }

    /// <summary>
    /// How long after its event the rule is judged: <c>detector: {after: 30d}</c>. What its condition asks of history is asked then; null for at once.
    /// </summary>
    public TimeSpan? After { get; init; }

    /// <summary>Which of many events of a kind count: <c>detector: {sighting: {by: [...], per: 1d}}</c>; null if each does.</summary>
    public Sighting? Sighting { get; init; }

    /// <summary>What the filters are called that narrow it: each is the next part of the condition, behind the rule's own.</summary>
    public IReadOnlyList<string> NarrowedBy { get; init; } = [];

    /// <summary>The fields that the condition asks for, each once.</summary>
    public IEnumerable<string> Fields => Implied.Fields(Condition).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// The suppression that hides what meets this rule; null for rules that people wrote. It stands for the part of another rule (<see cref="Hides"/>) that is
    /// counted in place of being told.
    /// </summary>
    public string? HiddenBy { get; init; }

    /// <summary>The <see cref="Rule.Key"/> of the rule of which this is the hidden part; null if it is none.</summary>
    public string? Hides { get; init; }

    /// <summary>What history learns from the events; rules of people teach nothing.</summary>
    internal Lessons Teaches { get; init; }

    /// <summary>Whether it is none of people's, but one by which history learns: it never alerts.</summary>
    public bool IsLesson => Teaches != Lessons.None;
}

/// <summary>One alert stands for all events of a group within a period.</summary>
/// <param name="By">Fields whose values make the group.</param>
/// <param name="Period">Length of the buckets of event time.</param>
public sealed record Suppression(IReadOnlyList<string> By, TimeSpan Period);

/// <summary>Of the events that have the same values in a period only the first counts, in the order of their times.</summary>
/// <param name="By">Fields of the record; an event that lacks one of them does not count.</param>
/// <param name="Period">Length of the buckets of event time.</param>
public sealed record Sighting(IReadOnlyList<string> By, TimeSpan Period);

/// <summary>A rule that several events meet together. Source: Sigma specification 2.1, "Sigma Correlation Rules".</summary>
public sealed record CorrelationRule : Rule
{
    /// <summary>How the events are combined.</summary>
    public required CorrelationType Type { get; init; }

    /// <summary>The <see cref="Rule.Key"/>s of the rules whose hits are combined, in the order written.</summary>
    public required IReadOnlyList<string> Rules { get; init; }

    /// <summary>Fields that all combined events share the values of.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>Length of the sliding window, on eventTime.</summary>
    public required TimeSpan Timespan { get; init; }

    /// <summary>What the count, sum, average or percentile must meet: every one of these. Empty for temporal correlations that want each rule once.</summary>
    public IReadOnlyList<CountTest> Count { get; init; } = [];

    /// <summary>The fields whose values are counted, summed, averaged or ranked.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Which percentile <see cref="CorrelationType.ValuePercentile"/> takes, 0 to 100.</summary>
    public double Percentile { get; init; } = DefaultPercentile;

    /// <summary>The percentile of a rule that names none: the median.</summary>
    public const double DefaultPercentile = 50;

    /// <summary>By which field each rule's events (by the rule's <see cref="Rule.Key"/>) have what the correlation calls by one name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Aliases { get; init; } =
        ReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>.Empty;

    /// <summary>Whether it groups or counts by who stands behind the events: then they wait until that is known.</summary>
    internal bool AsksForSession => GroupBy.Concat(Fields).Concat(Aliases.SelectMany(alias => alias.Value.Values)).Any(DerivedFields.TellsOfSession);

    /// <summary>The most hits that one group keeps; a count beyond it could never be reached.</summary>
    public const int MostHits = 10_000;

    /// <summary>Whether the combined rules alert by themselves too.</summary>
    public bool Generate { get; init; }
}

/// <summary>A condition that narrows other rules. Source: Sigma specification 2.1, "Sigma Filters".</summary>
public sealed record FilterRule : Rule
{
    /// <summary>Ids, names or titles of the rules; null for every rule.</summary>
    public required IReadOnlyList<string>? Rules { get; init; }

    /// <summary>What must hold besides each rule's own condition.</summary>
    public required Condition Condition { get; init; }

    /// <summary>Who answers for it and until when, if it is a suppression: what it leaves out is then counted. Null for a filter that is simply part of its rules.</summary>
    public SuppressionTerms? Terms { get; init; }
}

/// <summary>On what terms a suppression hides alerts: <c>owner</c>, <c>reason</c> and <c>expires</c> of its file.</summary>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Reason">Why nothing is lost by it.</param>
/// <param name="Expires">Events from then on are told again, whenever they come.</param>
public sealed record SuppressionTerms(string Owner, string Reason, DateTimeOffset Expires);

/// <summary>How a correlation combines events.</summary>
public enum CorrelationType
{
    /// <summary>Number of events.</summary>
    EventCount,

    /// <summary>Number of distinct values.</summary>
    ValueCount,

    /// <summary>Every rule, in any order.</summary>
    Temporal,

    /// <summary>Every rule, in the order written; events of the same second are in any order.</summary>
    TemporalOrdered,

    /// <summary>Sum of values.</summary>
    ValueSum,

    /// <summary>Average of values.</summary>
    ValueAverage,

    /// <summary>Percentile of values, interpolated between the two nearest.</summary>
    ValuePercentile,
}

/// <summary>One bound of a correlation's condition, such as <c>gte: 5</c>.</summary>
/// <param name="Operator">How the count is compared.</param>
/// <param name="Value">With what.</param>
public readonly record struct CountTest(Comparison Operator, double Value)
{
    /// <summary>Whether a count meets the bound.</summary>
    public bool Holds(double count) => Operator.Holds(count.CompareTo(Value));
}

namespace Detector.Core.Rules.Wanting;

/// <summary>
/// What is known beforehand of some records that a rule may meet: each of these fields has one of its values. A record that has not is of no use to the rule;
/// one that has may still not meet it.
/// </summary>
/// <param name="fields">By path. None means that any record may be wanted.</param>
public sealed class Wanted(IEnumerable<KeyValuePair<string, IReadOnlyList<WantedValue>>> fields)
{
    /// <summary>Every record.</summary>
    public static Wanted Anything { get; } = new([]);

    /// <summary>By path, in the order of the paths; what each must have one of.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<WantedValue>> Fields { get; } =
        new SortedDictionary<string, IReadOnlyList<WantedValue>>(fields.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Whether records are wanted whatever they are called, so that there may be many.</summary>
    public bool IsWide => !Fields.ContainsKey("eventName");

    /// <summary>The same as a condition, for the engine to try.</summary>
    public Condition AsCondition() =>
        new Condition.And([.. Fields.Select(field => new Condition.Or([.. field.Value.Select(value => value.AsCondition(field.Key))]))]);

    /// <summary>Whether every record that the other describes is one of these.</summary>
    public bool Covers(Wanted other) =>
        Fields.All(field => other.Fields.TryGetValue(field.Key, out var values) && values.All(value => field.Value.Any(own => own.Covers(value))));

    /// <summary>Both at once, each field having one value; null if no record is both.</summary>
    internal Wanted? And(Wanted other)
    {
        var both = new Dictionary<string, IReadOnlyList<WantedValue>>(Fields, StringComparer.Ordinal);
        foreach (var (field, values) in other.Fields)
        {
            both[field] = both.TryGetValue(field, out var own)
                ? [.. own.SelectMany(value => values.Select(value.And).OfType<WantedValue>()).Distinct()]
                : values;
            if (both[field].Count == 0)
                return null;
        }
        return new Wanted(both);
    }

    /// <summary>The same with other values of a field.</summary>
    internal Wanted With(string field, IReadOnlyList<WantedValue> values) => new(Fields.Where(other => other.Key != field).Append(new(field, values)));

    /// <summary>The same whatever the field holds.</summary>
    internal Wanted Without(string field) => new(Fields.Where(other => other.Key != field));

    /// <summary>Tells it from others, a field aside.</summary>
    internal string Key(string? aside = null) =>
        string.Join(
            '\n',
            Fields.Where(field => field.Key != aside).Select(field => $"{field.Key}={string.Join('\t', field.Value.Select(value => value.Key))}")
        );
}

/// <summary>What a value of a field is.</summary>
/// <param name="Kind">How the text is meant.</param>
/// <param name="Text">The text; empty for <see cref="WantedKind.Any"/>.</param>
/// <param name="Cased">Whether case matters.</param>
public readonly record struct WantedValue(WantedKind Kind, string Text, bool Cased)
{
    /// <summary>Any value.</summary>
    public static WantedValue Any { get; } = new(WantedKind.Any, "", Cased: true);

    /// <summary>Tells it from others that mean something else.</summary>
    internal string Key => $"{Kind} {(Cased ? Text : Text.ToUpperInvariant())} {Cased}";

    internal bool Covers(WantedValue other) =>
        Kind == WantedKind.Any
        || (other.Cased || !Cased)
            && other.Kind != WantedKind.Any
            && Comparison is var comparison
            && (Kind == WantedKind.Start ? other.Text.StartsWith(Text, comparison) : other.Kind == Kind && other.Text.Equals(Text, comparison));

    /// <summary>What values are both, or a little more; null if none is.</summary>
    internal WantedValue? And(WantedValue other) =>
        Covers(other) ? other
        : other.Covers(this) || Touches(other) ? this
        : null;

    internal Condition AsCondition(string path) =>
        Kind switch
        {
            WantedKind.Whole => Condition.Is(path, Text, Cased),
            WantedKind.Start => new Condition.Field(path, new FieldTest.Text(new TextPattern([TextPiece.Literal(Text), TextPiece.AnyRun], Cased))),
            _ => new Condition.Field(path, new FieldTest.Exists(true)),
        };

    /// <summary>Whether a text may be both, case aside.</summary>
    private bool Touches(WantedValue other) =>
        Kind == WantedKind.Start && other.Text.StartsWith(Text, StringComparison.OrdinalIgnoreCase)
        || other.Kind == WantedKind.Start && Text.StartsWith(other.Text, StringComparison.OrdinalIgnoreCase)
        || Text.Equals(other.Text, StringComparison.OrdinalIgnoreCase);

    private StringComparison Comparison => Cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
}

/// <summary>How the text of a <see cref="WantedValue"/> is meant.</summary>
public enum WantedKind
{
    /// <summary>It is the whole value.</summary>
    Whole,

    /// <summary>The value begins with it.</summary>
    Start,

    /// <summary>There is a value.</summary>
    Any,
}

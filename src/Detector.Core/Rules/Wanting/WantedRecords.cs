using System.Text;

namespace Detector.Core.Rules.Wanting;

/// <summary>
/// Says of rules which records they may meet, in so few fields and tests that a filter before the detector can ask for them: an over-approximation, so no record is
/// left out that a rule meets, or learns from. What it says holds of records whose header is as CloudTrail writes it: <c>userIdentity</c> is an object, and what
/// stands in <see cref="Header"/> is a single value.
/// </summary>
public static class WantedRecords
{
    /// <summary>More alternatives than this of one condition are not told apart.</summary>
    private const int MostAlternatives = 512;

    /// <summary>The fields that are looked at: in every trail, and of few values or telling ones.</summary>
    public static IReadOnlyList<string> Header { get; } =
    [
        "eventName",
        "eventSource",
        "userIdentity.accessKeyId",
        "userIdentity.invokedBy",
        "userIdentity.type",
        "errorCode",
        "errorMessage",
        "eventType",
        "awsRegion",
        "recipientAccountId",
        "eventCategory",
    ];

    private static readonly Wanted[] Everything = [Wanted.Anything];

    /// <summary>What a rule wants. None if no record can meet it.</summary>
    public static IReadOnlyList<Wanted> Of(DetectionRule rule) => Simplest(From(Fields.Expansion.Of(Relaxed.Of(rule.Condition))));

    /// <summary>The same in fewer words: what others cover is left out, and those that differ in one field alone are one.</summary>
    public static IReadOnlyList<Wanted> Simplest(IEnumerable<Wanted> wanted)
    {
        var left = Uncovered([.. wanted.SelectMany(Apart).DistinctBy(one => one.Key(), StringComparer.Ordinal)]);
        foreach (var field in Header)
            left = Joined(left, field);
        return [.. left.OrderBy(one => one.Key(), StringComparer.Ordinal)];
    }

    /// <summary>One for each name, so that some of the names can be covered and others not.</summary>
    private static IEnumerable<Wanted> Apart(Wanted wanted) =>
        wanted.Fields.TryGetValue("eventName", out var names) ? names.Select(name => wanted.With("eventName", [name])) : [wanted];

    private static List<Wanted> Uncovered(List<Wanted> wanted)
    {
        // Those of few fields cover others; of two that cover each other the first stays. One that asks for a single name covers none but those that do too.
        var left = new Coverers();
        foreach (var one in wanted.OrderBy(one => one.Fields.Count))
        {
            if (!left.Of(one).Any(other => other.Covers(one)))
                left.Add(one);
        }
        return [.. left.All.Where(one => !left.Of(one).Any(other => other != one && other.Covers(one)))];
    }

    private static List<Wanted> Joined(List<Wanted> wanted, string field) =>
        [
            .. wanted
                .GroupBy(one => one.Fields.ContainsKey(field) ? one.Key(aside: field) : $"\n{one.Key()}", StringComparer.Ordinal)
                .Select(alike => alike.Count() == 1 ? alike.First() : alike.First().With(field, Values(alike.SelectMany(one => one.Fields[field])))),
        ];

    private static IReadOnlyList<WantedValue> Values(IEnumerable<WantedValue> values)
    {
        List<WantedValue> all = [.. values.DistinctBy(value => value.Key, StringComparer.Ordinal)];
        return
        [
            .. all.Where((value, i) => !all.Where((other, j) => i != j && other.Covers(value) && (j < i || !value.Covers(other))).Any())
                .OrderBy(value => value.Text, StringComparer.OrdinalIgnoreCase)
                .ThenBy(value => value.Key, StringComparer.Ordinal),
        ];
    }

    private static IReadOnlyList<Wanted> From(Condition condition) =>
        condition switch
        {
            Condition.And and => and.Parts.Select(From).Aggregate((IReadOnlyList<Wanted>)Everything, Both),
            Condition.Or or => Either(or.Parts.SelectMany(From)),
            Condition.Not { Part: Condition.Field { Test: FieldTest.IsNull } present } => Value(present.Path, WantedValue.Any),
            Condition.Not not => Never(not.Part) ? Everything
            : Always(not.Part) ? []
            : Everything,
            Condition.Field field => Leaf(field),
            _ => Everything,
        };

    private static bool Never(Condition condition) => condition is Condition.Or { Parts: [] };

    private static bool Always(Condition condition) => condition is Condition.And { Parts: [] };

    /// <summary>What meets both; the left alone is right too, where the products would be too many.</summary>
    private static IReadOnlyList<Wanted> Both(IReadOnlyList<Wanted> left, IReadOnlyList<Wanted> right) =>
        right is [{ Fields.Count: 0 }] ? left
        : left is [{ Fields.Count: 0 }] ? right
        : left.Count == 0 || right.Count == 0 ? []
        : left.Count * right.Count > MostAlternatives ? (left.Count <= right.Count ? left : right)
        : Either(left.SelectMany(one => right.Select(one.And).OfType<Wanted>()));

    private static List<Wanted> Either(IEnumerable<Wanted> wanted)
    {
        var all = Uncovered([.. wanted.DistinctBy(one => one.Key(), StringComparer.Ordinal)]);
        foreach (var field in Header)
            all = Joined(all, field);
        return all;
    }

    private static Wanted[] Leaf(Condition.Field field) =>
        field.Test switch
        {
            FieldTest.Text { Pattern: var pattern } => Text(field.Path, pattern),
            FieldTest.Matches or FieldTest.Number or FieldTest.Cidr or FieldTest.SameAs or FieldTest.Time => Value(field.Path, WantedValue.Any),
            _ => Everything,
        };

    private static Wanted[] Text(string path, TextPattern pattern) =>
        pattern switch
        {
            // A number, a flag or an object may have such a text too, and what is beyond ASCII others may fold otherwise.
            { Pieces: [{ Kind: TextPieceKind.Literal, Text: var text }, ..] } when MayBeNoString(text) || !Ascii.IsValid(text) => Value(path, WantedValue.Any),
            { Literal: { } whole } => Value(path, new WantedValue(WantedKind.Whole, whole, pattern.Cased)),
            { Pieces: [{ Kind: TextPieceKind.Literal, Text: var start }, ..] } => Value(path, new WantedValue(WantedKind.Start, start, pattern.Cased)),
            _ => Value(path, WantedValue.Any),
        };

    private static bool MayBeNoString(string text) =>
        text[0] is '-' or '{' or (>= '0' and <= '9')
        || "true".StartsWith(text, StringComparison.OrdinalIgnoreCase)
        || "false".StartsWith(text, StringComparison.OrdinalIgnoreCase);

    private static Wanted[] Value(string path, WantedValue value) =>
        Header.Contains(path, StringComparer.Ordinal) ? [new Wanted([new(path, [value])])] : Everything;

    /// <summary>What may cover others, found by the single name that it asks for.</summary>
    private sealed class Coverers
    {
        private readonly List<Wanted> _wide = [];
        private readonly Dictionary<string, List<Wanted>> _named = new(StringComparer.OrdinalIgnoreCase);

        public List<Wanted> All { get; } = [];

        public void Add(Wanted one)
        {
            All.Add(one);
            if (NameOf(one) is not { } name)
                _wide.Add(one);
            else if (_named.TryGetValue(name, out var alike))
                alike.Add(one);
            else
                _named.Add(name, [one]);
        }

        /// <summary>All that may cover it, and others.</summary>
        public IEnumerable<Wanted> Of(Wanted one) => NameOf(one) is { } name && _named.TryGetValue(name, out var alike) ? _wide.Concat(alike) : _wide;

        private static string? NameOf(Wanted one) =>
            one.Fields.TryGetValue("eventName", out var names) && names is [{ Kind: WantedKind.Whole, Text: var text }] ? text : null;
    }
}

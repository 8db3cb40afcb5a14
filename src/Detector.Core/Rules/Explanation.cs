using System.Text;
using Detector.Core.Events.Json;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Rules;

/// <summary>
/// Why a record meets a condition or does not: the condition's tree, at each leaf with what the record has there. Leaves are asked of the engine's own
/// predicates, so an explanation never says otherwise than a match.
/// </summary>
/// <param name="Text">A leaf in words, or <c>all of</c>, <c>any of</c>, <c>not</c>.</param>
/// <param name="Holds">Whether the record meets it.</param>
/// <param name="Parts">What it is made of; empty for a leaf.</param>
/// <param name="Found">The values of a leaf's field in the record; null if it has none, or none is asked for.</param>
public sealed record Explanation(string Text, bool Holds, IReadOnlyList<Explanation> Parts, IReadOnlyList<string>? Found = null)
{
    private const int MostFound = 5;
    private const int LongestValue = 120;

    /// <summary>How many leaves, negations included, are as the condition wants them; tells which record comes nearest to a rule.</summary>
    public int Closeness => Parts.Count == 0 || Text == "not" ? (Holds ? 1 : 0) : Parts.Sum(part => part.Closeness);

    /// <summary>Explains a condition on one record, which must be a JSON object. Nothing is known of history.</summary>
    public static Explanation Of(Condition condition, ReadOnlySpan<byte> record) => Of(condition, record, past: null);

    internal static Explanation Of(Condition condition, ReadOnlySpan<byte> record, Past? past)
    {
        var fields = new FieldReader(Implied.Fields(condition));
        return Of(condition, fields.Read(record, past), fields.Numbers);
    }

    /// <summary>The field that a leaf asks for; null for all values, and for what is no leaf.</summary>
    public string? Field { get; init; }

    /// <summary>The tree as lines, each part below what it is part of, with a mark for whether it holds.</summary>
    /// <param name="indent">How deep it stands.</param>
    /// <param name="below">More lines below a leaf; null for none.</param>
    public IEnumerable<string> Lines(int indent = 0, Func<Explanation, IEnumerable<string>>? below = null)
    {
        var mark = Holds ? "✓" : "✗";
        var margin = new string(' ', indent * 2);
        if (Parts is [{ Parts.Count: 0 } leaf] && Text == "not")
            return [$"{margin}not {leaf.Text} {mark}{leaf.Saw}", .. Below(leaf)];
        return Parts.Count == 0
            ? [$"{margin}{Text} {mark}{Saw}", .. Below(this)]
            : Parts.SelectMany(part => part.Lines(indent + 1, below)).Prepend($"{margin}{Text} {mark}");

        IEnumerable<string> Below(Explanation leaf) => below?.Invoke(leaf).Select(line => $"{margin}    {line}") ?? [];
    }

    private string Saw =>
        Found switch
        {
            null => "",
            [] => " (not in the record)",
            [var only] when Holds && Text.EndsWith($"= {only}", StringComparison.Ordinal) => "",
            _ => $" (found {string.Join(", ", Found)})",
        };

    private static Explanation Of(Condition condition, scoped in RecordView record, Dictionary<string, int> numbers)
    {
        switch (condition)
        {
            case Condition.And and:
                var all = Each(and.Parts, record, numbers);
                return new Explanation("all of", all.TrueForAll(part => part.Holds), all);
            case Condition.Or same when ConditionText.FieldOf(same) is { } path:
                var one = Each(same.Parts, record, numbers).Exists(part => part.Holds);
                return new Explanation(ConditionText.Of(same), one, [], Values(numbers[path], record)) { Field = path };
            case Condition.Or or:
                var any = Each(or.Parts, record, numbers);
                return new Explanation("any of", any.Exists(part => part.Holds), any);
            case Condition.Not not:
                var inner = Of(not.Part, record, numbers);
                return new Explanation("not", !inner.Holds, [inner]);
            default:
                var holds = Predicate.From(condition, numbers).Holds(record);
                return condition is Condition.Field leaf
                    ? new Explanation(ConditionText.Of(leaf), holds, [], Values(numbers[leaf.Path], record)) { Field = leaf.Path }
                    : new Explanation(ConditionText.Of(condition), holds, []);
        }
    }

    private static List<Explanation> Each(IReadOnlyList<Condition> parts, scoped in RecordView record, Dictionary<string, int> numbers)
    {
        var explained = new List<Explanation>(parts.Count);
        foreach (var part in parts)
            explained.Add(Of(part, record, numbers));
        return explained;
    }

    /// <summary>The values that a record has in a field, as far as people can take them in.</summary>
    internal static List<string> Values(int field, scoped in RecordView record)
    {
        var values = new List<string>();
        for (var value = record.First(field); value >= 0; value = record.Fields[value].Next)
        {
            var found =
                record.TryText(value, out var utf8) ? Encoding.UTF8.GetString(utf8)
                : record.Fields[value].Kind == JsonKind.Null ? "null"
                : null;
            if (values.Count == MostFound)
            {
                values.Add("…");
                break;
            }
            if (found is not null)
                values.Add(ShortText.Of(found, LongestValue));
        }
        return values;
    }
}

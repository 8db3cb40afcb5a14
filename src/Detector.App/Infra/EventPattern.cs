using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Detector.Core.Rules;
using Detector.Core.Rules.Wanting;

namespace Detector.App.Infra;

/// <summary>A pattern of an EventBridge rule that lets pass what is wanted.</summary>
/// <remarks>
/// EventBridge User Guide, "Comparison operators for use in event patterns" and "Amazon EventBridge quotas". EventBridge compares with case, rules of Sigma without:
/// hence equals-ignore-case, which takes one text at a time. Wildcards have no form without case and none are used.
/// </remarks>
/// <param name="Wanted">Any of these passes.</param>
internal sealed record EventPattern(IReadOnlyList<Wanted> Wanted)
{
    /// <summary>Characters of a pattern that every account may have.</summary>
    public const int DefaultLimit = 2048;

    /// <summary>Characters that AWS grants on request.</summary>
    public const int HighestLimit = 4096;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Lets every event of CloudTrail pass.</summary>
    public static EventPattern Everything { get; } = new([Core.Rules.Wanting.Wanted.Anything]);

    /// <summary>The pattern, as short as JSON can be.</summary>
    public string Json { get; } = Print(Wanted);

    /// <summary>The same as a condition, for the engine to try.</summary>
    public Condition AsCondition() => new Condition.Or([.. Wanted.Select(wanted => wanted.AsCondition())]);

    /// <summary>Puts what is wanted into as few patterns as will hold it, in order; a list of names may be continued in the next.</summary>
    /// <param name="wanted">Each with one value in every field must fit; else it is asked for in wider terms.</param>
    /// <param name="limit">Characters that a pattern may have.</param>
    public static IReadOnlyList<EventPattern> Pack(IEnumerable<Wanted> wanted, int limit)
    {
        var patterns = new List<EventPattern>();
        var open = new List<Wanted>();
        var left = new Stack<Wanted>(wanted.Reverse());
        while (left.TryPop(out var next))
        {
            if (next.Fields.Count == 0)
                return [Everything];
            if (Fits([.. open, next], limit))
            {
                open.Add(next);
                continue;
            }
            var (longest, values) = next.Fields.MaxBy(field => field.Value.Count);
            // No value takes fewer characters than the quotes about it and a comma.
            var some = Most(Math.Min(values.Count - 1, limit / 3), count => Fits([.. open, With(next, longest, values.Take(count))], limit));
            if (some > 0)
            {
                open.Add(With(next, longest, values.Take(some)));
                left.Push(With(next, longest, values.Skip(some)));
            }
            else if (open.Count > 0)
            {
                left.Push(next);
            }
            else
            {
                left.Push(Without(next, next.Fields.MaxBy(field => field.Value.Max(value => value.Text.Length)).Key));
                continue;
            }
            patterns.Add(new EventPattern([.. open]));
            open.Clear();
        }
        return open.Count == 0 ? patterns : [.. patterns, new EventPattern(open)];
    }

    private static bool Fits(IReadOnlyList<Wanted> wanted, int limit) => Print(wanted).Length <= limit;

    private static int Most(int highest, Func<int, bool> holds)
    {
        var (known, unknown) = (0, highest);
        while (known < unknown)
        {
            var middle = (known + unknown + 1) / 2;
            if (holds(middle))
                known = middle;
            else
                unknown = middle - 1;
        }
        return known;
    }

    private static Wanted With(Wanted wanted, string field, IEnumerable<WantedValue> values) =>
        new(wanted.Fields.Select(own => own.Key == field ? new(own.Key, [.. values]) : own));

    private static Wanted Without(Wanted wanted, string field) => new(wanted.Fields.Where(own => own.Key != field));

    private static string Print(IReadOnlyList<Wanted> wanted)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteStartArray("detail-type");
            Operator(json, "suffix", "via CloudTrail");
            json.WriteEndArray();
            if (!wanted.Any(one => one.Fields.Count == 0))
            {
                json.WriteStartObject("detail");
                if (wanted is [var only])
                    Write(json, only);
                else
                    json.WriteArray("$or", wanted, one => Write(json, one));
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Wanted wanted)
    {
        foreach (var group in wanted.Fields.GroupBy(field => field.Key.Split('.')[0], StringComparer.Ordinal))
        {
            if (group.First().Key != group.Key)
                json.WriteStartObject(group.Key);
            foreach (var (path, values) in group)
            {
                json.WriteStartArray(path[(path.LastIndexOf('.') + 1)..]);
                foreach (var value in values)
                    Write(json, value);
                json.WriteEndArray();
            }
            if (group.First().Key != group.Key)
                json.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter json, WantedValue value)
    {
        var cased = value.Cased || !value.Text.Any(char.IsAsciiLetter);
        switch (value.Kind)
        {
            case WantedKind.Any:
                json.WriteStartObject();
                json.WriteBoolean("exists", true);
                json.WriteEndObject();
                break;
            case WantedKind.Whole when cased:
                json.WriteStringValue(value.Text);
                break;
            case WantedKind.Whole:
                Operator(json, "equals-ignore-case", value.Text);
                break;
            case WantedKind.Start when cased:
                Operator(json, "prefix", value.Text);
                break;
            default:
                json.WriteStartObject();
                json.WriteStartObject("prefix");
                json.WriteString("equals-ignore-case", value.Text);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
        }
    }

    private static void Operator(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject();
        json.WriteString(name, text);
        json.WriteEndObject();
    }
}

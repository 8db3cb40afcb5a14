using System.Buffers;
using System.Text;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection;

/// <summary>Takes from a record the values that put it into a group.</summary>
internal sealed class GroupKey(IReadOnlyList<string> fields)
{
    // A value that holds one of these is put in quotes, so that no two lists of values make the same text.
    private static readonly SearchValues<char> Special = SearchValues.Create(",|\"");

    private readonly FieldReader _fields = new(fields);

    /// <summary>The values of the fields, joined by <c>, </c>, several of one field by <c>|</c>; null if the record lacks one of them.</summary>
    /// <param name="record">The record, a JSON object.</param>
    /// <param name="past">What is known of sessions; null if nothing is.</param>
    public string? Of(ReadOnlySpan<byte> record, Past? past = null)
    {
        string? key = null;
        // Most groups are made of no field, or of one with one value.
        var view = _fields.Paths.Count > 0 ? _fields.Read(record, past) : default;
        for (var field = 0; field < _fields.Paths.Count; field++)
        {
            if (Values(view, field) is not { } part)
            {
                return null;
            }
            key = key is null ? part : $"{key}, {part}";
        }
        return key ?? "";
    }

    private static string? Values(scoped in RecordView view, int field)
    {
        string? first = null;
        List<string>? all = null;
        for (var value = view.First(field); value >= 0; value = view.Fields[value].Next)
        {
            if (!view.TryText(value, out var text))
            {
                continue;
            }
            var one = Quoted(Encoding.UTF8.GetString(text));
            if (first is null)
            {
                first = one;
            }
            else
            {
                (all ??= [first]).Add(one);
            }
        }
        // A field that a chain has named may stand beside one of the record's own that has the name already.
        return all is null ? first : string.Join('|', all.Distinct(StringComparer.Ordinal));
    }

    private static string Quoted(string value) => value.AsSpan().ContainsAny(Special) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}

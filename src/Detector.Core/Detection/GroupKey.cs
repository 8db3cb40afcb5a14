using System.Buffers;
using System.Text;
using Detector.Core.Events.Json;

namespace Detector.Core.Detection;

/// <summary>Takes from a record the values that put it into a group.</summary>
internal sealed class GroupKey(IReadOnlyList<string> fields)
{
    // A value that holds one of these is put in quotes, so that no two lists of values make the same text.
    private static readonly SearchValues<char> Special = SearchValues.Create(",|\"");

    private readonly FieldSelection _selection = FieldSelection.Of([.. fields.Distinct(StringComparer.Ordinal)]);

    /// <summary>The values of the fields, joined by <c>, </c>, several of one field by <c>|</c>; null if the record lacks one of them.</summary>
    public string? Of(ReadOnlySpan<byte> record)
    {
        var table = new FieldTable();
        ObjectScanner.Scan(record, 0, _selection, table);
        var parts = new List<string>(_selection.Paths.Count);
        for (var field = 0; field < _selection.Paths.Count; field++)
        {
            var values = new List<string>();
            for (var value = table.First(field); value >= 0; value = table[value].Next)
            {
                if (table[value].Kind is JsonKind.String or JsonKind.Scalar or JsonKind.Object)
                {
                    values.Add(Quoted(Text(table[value], record)));
                }
            }
            if (values.Count == 0)
            {
                return null;
            }
            // A field that a chain has named may stand beside one of the record's own that has the name already.
            parts.Add(string.Join('|', values.Distinct(StringComparer.Ordinal)));
        }
        return string.Join(", ", parts);
    }

    private static string Text(FieldTable.Value value, ReadOnlySpan<byte> record) =>
        Encoding.UTF8.GetString(value.Kind == JsonKind.String ? JsonText.Unescape(value.In(record)) : JsonText.Compact(value.In(record)));

    private static string Quoted(string value) => value.AsSpan().ContainsAny(Special) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}

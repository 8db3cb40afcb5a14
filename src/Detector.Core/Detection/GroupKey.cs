using System.Text;
using Detector.Core.Events.Json;

namespace Detector.Core.Detection;

/// <summary>Takes from a record the values that put it into a group.</summary>
internal sealed class GroupKey(IReadOnlyList<string> fields)
{
    private readonly FieldSelection _selection = FieldSelection.Of([.. fields.Distinct(StringComparer.Ordinal)]);

    /// <summary>The values of the fields, joined by <c>, </c>; null if the record lacks one of them.</summary>
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
                    values.Add(Encoding.UTF8.GetString(JsonText.Unescape(table[value].In(record))));
                }
            }
            if (values.Count == 0)
            {
                return null;
            }
            // A field that a chain has named may stand beside one of the record's own that has the name already.
            parts.Add(string.Join(' ', values.Distinct(StringComparer.Ordinal)));
        }
        return string.Join(", ", parts);
    }
}

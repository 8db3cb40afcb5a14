using System.Buffers;
using System.Text;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection;

/// <summary>Takes from a record the values that put it into a group.</summary>
internal sealed class GroupKey(IReadOnlyList<string> fields)
{
    // A value that holds one of these is put in quotes, so that no two lists of values make the same text.
    private static readonly SearchValues<char> Special = SearchValues.Create(",|\"");

    private readonly FieldReader _fields = new(fields);

    /// <summary>The values of the fields, joined by <c>, </c>, several of one field by <c>|</c>; null if the record lacks one of them.</summary>
    public string? Of(ReadOnlySpan<byte> record)
    {
        var view = _fields.Read(record);
        var parts = new List<string>(_fields.Paths.Count);
        for (var field = 0; field < _fields.Paths.Count; field++)
        {
            var values = new List<string>();
            for (var value = view.First(field); value >= 0; value = view.Fields[value].Next)
            {
                if (view.TryText(value, out var text))
                {
                    values.Add(Quoted(Encoding.UTF8.GetString(text)));
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

    private static string Quoted(string value) => value.AsSpan().ContainsAny(Special) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}

using System.Buffers;
using System.Text;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection;

/// <summary>Takes from a record the values that put it into a group.</summary>
internal sealed class GroupKey
{
    // A value that holds one of these is put in quotes, so that no two lists of values make the same text.
    private static readonly SearchValues<char> Special = SearchValues.Create(",|\"");
    private static readonly SearchValues<byte> SpecialBytes = SearchValues.Create(",|\""u8);

    private const int UsualText = 512;

    private readonly FieldReader? _reader;
    private readonly int[] _fields;

    /// <param name="fields">The fields that make the group.</param>
    /// <param name="numbers">Their numbers in the records that come, read.</param>
    public GroupKey(IReadOnlyList<string> fields, IReadOnlyDictionary<string, int> numbers) =>
        _fields = [.. fields.Distinct(StringComparer.Ordinal).Select(field => numbers[field])];

    /// <param name="fields">The fields that make the group.</param>
    public GroupKey(IReadOnlyList<string> fields)
        : this(fields, new FieldReader(fields)) { }

    private GroupKey(IReadOnlyList<string> fields, FieldReader reader)
        : this(fields, reader.Numbers) => _reader = reader;

    /// <summary>The values of the fields, joined by <c>, </c>, several of one field by <c>|</c>; null if the record lacks one of them.</summary>
    /// <param name="record">The record, a JSON object.</param>
    /// <param name="past">What is known of sessions; null if nothing is.</param>
    public string? Of(ReadOnlySpan<byte> record, Past? past = null) =>
        // Most groups are made of no field, or of one with one value.
        _fields.Length > 0
            ? Of(_reader!.Read(record, past))
            : "";

    /// <summary>The same, of a record that was read.</summary>
    public string? Of(scoped in RecordView view)
    {
        string? key = null;
        foreach (var field in _fields)
        {
            if (Values(view, field) is not { } part)
            {
                return null;
            }
            key = key is null ? part : $"{key}, {part}";
        }
        return key ?? "";
    }

    /// <summary>A number that records of one group have in common, another one in every process; null if the record lacks a field.</summary>
    public int? HashOf(scoped in RecordView view)
    {
        Span<byte> key = stackalloc byte[UsualText];
        var length = 0;
        for (var i = 0; i < _fields.Length; i++)
        {
            var value = view.First(_fields[i]);
            if (value < 0)
            {
                return null;
            }
            // What Of would write, without writing it.
            if (view.Fields[value].Next >= 0 || !view.TryText(value, out var text) || !IsPlain(text) || text.Length + 2 > UsualText - length)
            {
                return Of(view) is { } written ? Hash(Encoding.UTF8.GetBytes(written)) : null;
            }
            if (i > 0)
            {
                ", "u8.CopyTo(key[length..]);
                length += 2;
            }
            text.CopyTo(key[length..]);
            length += text.Length;
        }
        return Hash(key[..length]);
    }

    /// <summary>A number that equal bytes have in common, another one in every process, so that nobody can make two that are alike.</summary>
    internal static int Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    private static bool IsPlain(ReadOnlySpan<byte> text) => Ascii.IsValid(text) && !text.ContainsAny(SpecialBytes);

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

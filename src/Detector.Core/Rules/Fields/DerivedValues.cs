using System.Text;
using System.Text.Json;
using Detector.Core.Events.Json;

namespace Detector.Core.Rules.Fields;

/// <summary>Works out derived fields for one record after another: each at most once a record, and only when it is asked for.</summary>
internal sealed class DerivedValues
{
    private readonly DerivedField?[] _fields;
    private readonly int[] _answeredIn;
    private byte[] _text = new byte[256];
    private int _length;
    private int _record = 1;
    private byte[] _json = [];
    private JsonDocument? _document;
    private EventContext? _event;
    private Past? _past;
    private Func<JsonElement>? _parse;

    /// <param name="paths">Names of fields by their numbers; those that are none of ours are left alone.</param>
    public DerivedValues(IReadOnlyList<string> paths)
    {
        _fields = [.. paths.Select(DerivedFields.Find)];
        _answeredIn = new int[_fields.Length];
    }

    /// <summary>Forgets the last record.</summary>
    /// <param name="past">What happened before the record's event is judged, if that is known.</param>
    /// <param name="parse">Gives the next record parsed, if somebody keeps it so.</param>
    public void NextRecord(Past? past = null, Func<JsonElement>? parse = null)
    {
        if (_record++ == int.MaxValue)
        {
            Array.Clear(_answeredIn);
            _record = 1;
        }
        _document?.Dispose();
        (_document, _event, _past, _parse, _length) = (null, null, past, parse, 0);
    }

    /// <summary>The number of a field's first value in the table, where the values of a derived field are put when they are asked for first.</summary>
    public int First(int field, ReadOnlySpan<byte> record, FieldTable table)
    {
        if (_fields[field] is { } derived && _answeredIn[field] != _record)
        {
            _answeredIn[field] = _record;
            foreach (var value in Event(record) is { } e ? derived.Values(e) : [])
                table.Add(field, JsonKind.Derived, _length, Keep(value));
        }
        return table.First(field);
    }

    /// <summary>The text of a value that <see cref="First"/> has put into the table.</summary>
    public ReadOnlySpan<byte> Text(in FieldTable.Value value) => _text.AsSpan(value.Start, value.Length);

    private int Keep(string value)
    {
        var most = _length + Encoding.UTF8.GetMaxByteCount(value.Length);
        if (most > _text.Length)
            Array.Resize(ref _text, Math.Max(most, _text.Length * 2));
        var written = Encoding.UTF8.GetBytes(value, _text.AsSpan(_length));
        _length += written;
        return written;
    }

    /// <summary>Null if the record is no JSON: it has no derived fields then. A rule that matches it all the same has it rejected.</summary>
    private EventContext? Event(ReadOnlySpan<byte> record)
    {
        if (_event is null)
        {
            try
            {
                _event = new EventContext(_parse?.Invoke() ?? (_document = Parse(record)).RootElement, _past);
            }
            catch (JsonException)
            {
                return null;
            }
        }
        return _event;
    }

    /// <summary>What a document is read from must stay; a copy costs less than what is read otherwise, which is gone through twice.</summary>
    private JsonDocument Parse(ReadOnlySpan<byte> record)
    {
        if (_json.Length < record.Length)
            _json = new byte[Math.Max(record.Length, 2 * _json.Length)];
        record.CopyTo(_json);
        return JsonText.Parse(_json.AsMemory(0, record.Length));
    }
}

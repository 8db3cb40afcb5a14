using System.Buffers;
using Detector.Core.Events.Formats;
using Detector.Core.Events.Json;

namespace Detector.Core.Events;

/// <summary>
/// Walks the records of a batch once, whatever they are wrapped in: <c>{"Records":[...]}</c>, an array, single objects or one a line, EventBridge
/// envelopes, SNS notifications around any of these. Digest files and envelopes of other services are recognised and passed over.
/// What cannot be read is told and left behind; its neighbours are still read.
/// </summary>
public ref struct RecordReader
{
    private const string WrongBracket = "a bracket of the wrong kind closes the object";

    // Behind each record that does not end, the text is searched again: without a bound, garbage would take time that grows with its square.
    private const int MaxProblems = 1_000;

    private readonly RecordSelection _selection;
    private readonly FieldTable _fields;
    private ReadOnlySpan<byte> _text;
    private int _at;
    private Container _container;
    private int _index;
    private int _problems;

    // The notification being unwrapped: where to go on behind it.
    private ReadOnlySpan<byte> _outerText;
    private int _outerAt;
    private Container _outerContainer;
    private byte[]? _unwrapped;

    /// <param name="text">A batch's content.</param>
    /// <param name="selection">What to take from each record.</param>
    /// <param name="fields">A table to take it into; one serves many readers, one after the other.</param>
    public RecordReader(ReadOnlySpan<byte> text, RecordSelection selection, FieldTable fields)
    {
        _text = text;
        _selection = selection;
        _fields = fields;
        _at = text.StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>Why the last <see cref="Read"/> answered <see cref="ReadResult.Unreadable"/>.</summary>
    public UnreadableRecord Problem { get; private set; }

    /// <summary>Objects that were recognised as something other than CloudTrail records: digests, envelopes of other services.</summary>
    public int Foreign { get; private set; }

    /// <summary>Moves to the next record.</summary>
    public ReadResult Read(out CloudTrailEvent record)
    {
        record = default;
        while (true)
        {
            _at = SkipBetween();
            if (_at >= _text.Length)
            {
                if (_container is not Container.None)
                {
                    var what = _container is Container.BehindRecords ? "an object" : "an array of records";
                    _container = Container.None;
                    return Unreadable(_text.Length, $"the text ends inside {what}", default);
                }
                if (!LeaveNotification())
                {
                    return ReadResult.End;
                }
                continue;
            }
            switch (_text[_at])
            {
                case (byte)'{' when _container is Container.None && ArrayBehindFirstKey() is var array and > 0:
                    _at = array;
                    _container = Container.RecordsArray;
                    break;
                case (byte)'{':
                    if (ReadObject(out record) is { } result)
                    {
                        return result;
                    }
                    break;
                case (byte)'[' when _container is Container.None:
                    _at++;
                    _container = Container.Array;
                    break;
                case (byte)']' when _container is Container.Array:
                    _at++;
                    _container = Container.None;
                    break;
                case (byte)']' when _container is Container.RecordsArray:
                    _at++;
                    _container = Container.BehindRecords;
                    break;
                case (byte)'}' when _container is Container.BehindRecords:
                    _at++;
                    _container = Container.None;
                    break;
                case not (byte)'{' when _container is Container.BehindRecords:
                    if (SkipKeysBehindRecords() is { } problem)
                    {
                        return problem;
                    }
                    break;
                default:
                    return SkipStray();
            }
        }
    }

    /// <summary>Gives back what unwrapping borrowed.</summary>
    public void Dispose()
    {
        if (_unwrapped is not null)
        {
            ArrayPool<byte>.Shared.Return(_unwrapped);
            _unwrapped = null;
        }
    }

    /// <summary>Reads the object at hand; null means that it held no record of its own and reading goes on.</summary>
    private ReadResult? ReadObject(out CloudTrailEvent record)
    {
        record = default;
        var start = _at;
        var end = ObjectScanner.Scan(_text, start, _selection.Fields, _fields);
        if (end < 0)
        {
            return SkipBroken(start, end);
        }
        _at = end;
        switch (Shape.Of(_fields, _text))
        {
            case Shape.Kind.Foreign:
                Foreign++;
                return null;
            case Shape.Kind.RecordsObject when _container is Container.None:
                // "Records" was not the first key: go back to its array. What follows it in the object is passed over.
                _at = _fields[_fields.First(RecordSelection.Records)].Start + 1;
                _container = Container.RecordsArray;
                return null;
            case Shape.Kind.RecordsObject:
                return Unreadable(start, "an object of records inside an array", _text[start..end]);
            case Shape.Kind.Notification:
                return EnterNotification(start, end);
            case Shape.Kind.Envelope:
                var detail = _fields[_fields.First(RecordSelection.Detail)];
                if (detail.Kind != JsonKind.Object)
                {
                    return Unreadable(start, "the envelope's detail is not an object", _text[start..end]);
                }
                start = detail.Start;
                end = ObjectScanner.Scan(_text, start, _selection.Fields, _fields);
                if (end < 0)
                {
                    return Unreadable(start, WrongBracket, _text.Slice(detail.Start, detail.Length));
                }
                break;
        }
        record = new CloudTrailEvent(_text, start, end, _fields, _index++);
        return ReadResult.Record;
    }

    private ReadResult? EnterNotification(int start, int end)
    {
        if (_unwrapped is not null)
        {
            return Unreadable(start, "a notification inside a notification", _text[start..end]);
        }
        var message = _fields[_fields.First(RecordSelection.Message)].In(_text);
        _unwrapped = ArrayPool<byte>.Shared.Rent(message.Length);
        _outerText = _text;
        (_outerAt, _outerContainer) = (_at, _container);
        _text = _unwrapped.AsSpan(0, JsonText.Unescape(message, _unwrapped));
        (_at, _container) = (0, Container.None);
        return null;
    }

    private bool LeaveNotification()
    {
        if (_unwrapped is null)
        {
            return false;
        }
        Dispose();
        _text = _outerText;
        (_at, _container) = (_outerAt, _outerContainer);
        return true;
    }

    /// <summary>The place behind the bracket of <c>{"Records":[</c> if that is what stands here, else 0: such a text may be too large to be read as one object.</summary>
    private readonly int ArrayBehindFirstKey()
    {
        var at = JsonText.SkipWhiteSpace(_text, _at + 1);
        if (!_text[at..].StartsWith("\"Records\""u8))
        {
            return 0;
        }
        at = JsonText.SkipWhiteSpace(_text, at + "\"Records\"".Length);
        if (at == _text.Length || _text[at] != ':')
        {
            return 0;
        }
        at = JsonText.SkipWhiteSpace(_text, at + 1);
        return at < _text.Length && _text[at] == '[' ? at + 1 : 0;
    }

    private readonly int SkipBetween()
    {
        var at = _at;
        while (at < _text.Length && _text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',')
        {
            at++;
        }
        return at;
    }

    /// <summary>Goes to the brace that closes the object around a records' array; null if it is there.</summary>
    private ReadResult? SkipKeysBehindRecords()
    {
        var start = _at;
        _at = EndOfObjectTail(start);
        if (_at < _text.Length && _text[_at] == '}')
        {
            return null;
        }
        _container = Container.None;
        if (_at == _text.Length)
        {
            return Unreadable(start, "the text ends inside an object", _text[start..]);
        }
        return Unreadable(start, WrongBracket, _text[start..++_at]);
    }

    /// <summary>Tells of what is neither an object nor an array.</summary>
    private ReadResult SkipStray()
    {
        var start = _at;
        var stop = _text[start] == '"' ? JsonText.EndOfString(_text, start + 1) + 1 : 0;
        if (stop <= start)
        {
            var length = _container is Container.None ? _text[start..].IndexOf((byte)'\n') : _text[start..].IndexOfAny(",]\n"u8);
            stop = length < 0 ? _text.Length : Math.Max(start + length, start + 1);
        }
        _at = stop;
        return Unreadable(start, _container is Container.None ? "neither an object nor an array" : "not an object", _text[start..stop]);
    }

    /// <summary>The place of the bracket that closes the object around a records' array, or the text's length.</summary>
    private readonly int EndOfObjectTail(int at)
    {
        var depth = 0;
        for (; at < _text.Length; at++)
        {
            switch (_text[at])
            {
                case (byte)'"':
                    at = JsonText.EndOfString(_text, at + 1);
                    if (at < 0)
                    {
                        return _text.Length;
                    }
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']':
                    if (depth-- == 0)
                    {
                        return at;
                    }
                    break;
            }
        }
        return at;
    }

    /// <summary>
    /// Goes on behind an object that does not end where it should: at the next line that begins with one, or in an array at the next record.
    /// A record's beginning cannot stand inside a string, where its quotes would be escaped.
    /// </summary>
    private ReadResult SkipBroken(int start, int failure)
    {
        var next = _container is Container.None ? _text[(start + 1)..].IndexOf("\n{"u8) : _text[(start + 1)..].IndexOf("{\"eventVersion\""u8);
        var stop = next < 0 ? _text.Length : start + 1 + next;
        _at = stop;
        if (next < 0)
        {
            _container = Container.None;
        }
        var reason = failure == ObjectScanner.Malformed ? WrongBracket : "the text ends inside the record";
        return Unreadable(start, reason, _text[start..stop]);
    }

    private ReadResult Unreadable(int offset, string reason, ReadOnlySpan<byte> content)
    {
        if (_unwrapped is not null)
        {
            reason += " (inside the message of an SNS notification)";
        }
        if (++_problems >= MaxProblems)
        {
            reason += $"; the text holds {_problems:N0} of these, and the rest of it is not read";
            (_at, _container) = (_text.Length, Container.None);
        }
        Problem = new UnreadableRecord(_index++, offset, reason, content[..Math.Min(content.Length, Rejected.MaxContent)].ToArray());
        return ReadResult.Unreadable;
    }

    private enum Container : byte
    {
        None,
        Array,
        RecordsArray,
        BehindRecords,
    }
}

/// <summary>What <see cref="RecordReader.Read"/> came upon.</summary>
public enum ReadResult
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>Something that should have been a record: see <see cref="RecordReader.Problem"/>. Reading goes on behind it.</summary>
    Unreadable,

    /// <summary>The end.</summary>
    End,
}

/// <summary>Something that should have been a record.</summary>
/// <param name="Index">Its 0-based place among the records.</param>
/// <param name="Offset">The byte at which it begins.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Content">Its bytes, as far as they could be told from its neighbours'.</param>
public readonly record struct UnreadableRecord(int Index, long Offset, string Reason, ReadOnlyMemory<byte> Content);

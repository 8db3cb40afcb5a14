using System.Buffers;
using Detector.Core.Events.Formats;
using Detector.Core.Events.Json;

namespace Detector.Core.Events;

/// <summary>
/// Walks the records of a batch once, whatever they are wrapped in: <c>{"Records":[...]}</c>, arrays of these or of records, single objects or one a line, EventBridge
/// envelopes, SNS notifications around any of these. Digest files and envelopes of other services are recognised and passed over.
/// What cannot be read is told and left behind; its neighbours are still read.
/// </summary>
/// <remarks>
/// A text too large for memory is read window by window, with the same answers: each window begins where the reader of the one before it stopped
/// (<see cref="Position"/>). Only a record that is larger than a window may be is then a loss.
/// </remarks>
public ref partial struct RecordReader
{
    /// <summary>Bytes that one record, or whatever stands in its place, may have in a text that is read window by window.</summary>
    public const int MaxRecord = 16 * 1024 * 1024;

    private readonly RecordSelection _selection;
    private readonly FieldTable _fields;
    private readonly long _before; // bytes of the text before this window
    private readonly bool _isLast;
    private readonly int _maxRecord;
    private readonly bool _mayBeginWithMark;
    private ReadOnlySpan<byte> _text;
    private int _at;
    private RecordContainer _container;
    private long _arrays; // open ones around the place, if it is outside of records
    private bool _seeking; // something is left behind whose end was not in sight
    private bool _givenUp;
    private int _index;
    private int _problems;

    // The notification being unwrapped: where to go on behind it.
    private ReadOnlySpan<byte> _outerText;
    private int _outerAt;
    private RecordContainer _outerContainer;
    private long _outerArrays;
    private byte[]? _unwrapped;

    /// <param name="text">A batch's content.</param>
    /// <param name="selection">What to take from each record.</param>
    /// <param name="fields">A table to take it into; one serves many readers, one after the other.</param>
    public RecordReader(ReadOnlySpan<byte> text, RecordSelection selection, FieldTable fields)
        : this(text, true, default, selection, fields) { }

    /// <param name="window">A part of a batch's content.</param>
    /// <param name="isLast">Whether nothing follows it.</param>
    /// <param name="position">Where it begins: the default, or what the reader of the window before has come to.</param>
    /// <param name="selection">What to take from each record.</param>
    /// <param name="fields">A table to take it into.</param>
    /// <param name="maxRecord">See <see cref="MaxRecord"/>. A window of so many bytes never needs to be larger.</param>
    public RecordReader(ReadOnlySpan<byte> window, bool isLast, ReadPosition position, RecordSelection selection, FieldTable fields, int maxRecord = MaxRecord)
    {
        _text = window;
        _isLast = isLast;
        _selection = selection;
        _fields = fields;
        _maxRecord = maxRecord;
        (_before, _container, _seeking, _givenUp) = (position.Offset, position.Container, position.Seeking, position.GivenUp);
        (_index, _problems, _arrays) = (position.Index, position.Problems, position.Arrays);
        if (_givenUp)
        {
            _at = window.Length;
        }
        if (_before == 0)
        {
            _at = window.StartsWith("\uFEFF"u8) ? 3 : 0;
            _mayBeginWithMark = !isLast && "\uFEFF"u8.StartsWith(window);
        }
    }

    /// <summary>Where the window begins that follows this one; all before it is done with.</summary>
    public readonly ReadPosition Position =>
        new()
        {
            Offset = _before + _at,
            Index = _index,
            Problems = _problems,
            Container = _container,
            Arrays = _arrays,
            Seeking = _seeking,
            GivenUp = _givenUp,
        };

    /// <summary>Why the last <see cref="Read"/> answered <see cref="ReadResult.Unreadable"/>.</summary>
    public UnreadableRecord Problem { get; private set; }

    /// <summary>Objects that were recognised as something other than CloudTrail records: digests, envelopes of other services.</summary>
    public int Foreign { get; private set; }

    /// <summary>Moves to the next record.</summary>
    public ReadResult Read(out CloudTrailEvent record)
    {
        record = default;
        if (_mayBeginWithMark)
        {
            return ReadResult.NeedsMore;
        }
        while (true)
        {
            if (_givenUp)
            {
                return ReadResult.End;
            }
            if (_seeking && !Seek())
            {
                return ReadResult.NeedsMore;
            }
            _at = SkipBetween();
            if (_at >= _text.Length)
            {
                if (!_isLast && _unwrapped is null)
                {
                    return ReadResult.NeedsMore;
                }
                if (_container is not RecordContainer.None)
                {
                    var what = _container is RecordContainer.BehindRecords ? "an object" : "an array of records";
                    Abandon();
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
                case (byte)'{' when IsOutside && ArrayBehindFirstKey() is var array and > 0:
                    if (array > _text.Length)
                    {
                        return ReadResult.NeedsMore;
                    }
                    _at = array;
                    _container = RecordContainer.RecordsArray;
                    break;
                case (byte)'{':
                    if (ReadObject(out record) is { } result)
                    {
                        return result;
                    }
                    break;
                case (byte)'[' when IsOutside:
                    _at++;
                    _arrays++;
                    _container = RecordContainer.Array;
                    break;
                case (byte)']' when _container is RecordContainer.Array:
                    _at++;
                    _arrays--;
                    Leave();
                    break;
                case (byte)']' when _container is RecordContainer.RecordsArray:
                    _at++;
                    _container = RecordContainer.BehindRecords;
                    break;
                case (byte)'}' when _container is RecordContainer.BehindRecords:
                    _at++;
                    Leave();
                    break;
                case not (byte)'{' when _container is RecordContainer.BehindRecords:
                    if (SkipKeysBehindRecords() is { } problem)
                    {
                        return problem;
                    }
                    break;
                case (byte)'[':
                    return SkipArray();
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
            if (end == ObjectScanner.Unfinished && IsOutside && GoesOn && !MayWait(start) && Shape.HasRecords(_fields))
            {
                EnterRecords();
                return null;
            }
            return SkipBroken(start, end);
        }
        if (_container is not RecordContainer.None && SkipIfCut(start, end) is { } cut)
        {
            return cut;
        }
        _at = end;
        switch (Shape.Of(_fields, _text))
        {
            case Shape.Kind.Foreign:
                Foreign++;
                return null;
            case Shape.Kind.RecordsObject when IsOutside:
                EnterRecords();
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
        record = new CloudTrailEvent(_text, start, end, _fields, _index++, _unwrapped is null ? _before : 0);
        return ReadResult.Record;
    }

    /// <summary>"Records" was not the first key: go back to its array. What follows it in the object is passed over.</summary>
    private void EnterRecords()
    {
        _at = _fields[_fields.First(RecordSelection.Records)].Start + 1;
        _container = RecordContainer.RecordsArray;
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
        (_outerAt, _outerContainer, _outerArrays) = (_at, _container, _arrays);
        _text = _unwrapped.AsSpan(0, JsonText.Unescape(message, _unwrapped));
        _at = 0;
        Abandon();
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
        (_at, _container, _arrays) = (_outerAt, _outerContainer, _outerArrays);
        return true;
    }

    /// <summary>
    /// The place behind the bracket of <c>{"Records":[</c> if that is what stands here, else 0: such a text may be too large to be read as one object.
    /// A place behind the text's end means that it may be so, and the window does not tell.
    /// </summary>
    private readonly int ArrayBehindFirstKey()
    {
        var at = _at + 1;
        _ = Pass("\"Records\""u8, ref at) && Pass(":"u8, ref at) && Pass("["u8, ref at);
        return at;
    }

    /// <summary>Passes a token and the white space before it. If it is not there, the place is 0, or behind the text's end if it may still come.</summary>
    private readonly bool Pass(ReadOnlySpan<byte> token, ref int at)
    {
        at = JsonText.SkipWhiteSpace(_text, at);
        var rest = _text[at..];
        if (rest.StartsWith(token))
        {
            at += token.Length;
            return true;
        }
        at = token.StartsWith(rest) && MayWait(_at) ? _text.Length + 1 : 0;
        return false;
    }

    /// <summary>Whether something that is not whole may be so in a larger window.</summary>
    private readonly bool MayWait(int start) => !_isLast && _unwrapped is null && _text.Length - start < _maxRecord;

    /// <summary>Whether there are more bytes than a window may show.</summary>
    private readonly bool GoesOn => !_isLast && _unwrapped is null;

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
        var end = ClosingBracket(start);
        if (end == _text.Length && MayWait(start))
        {
            return ReadResult.NeedsMore;
        }
        _at = end;
        if (_at < _text.Length && _text[_at] == '}')
        {
            return null;
        }
        Abandon();
        if (_at == _text.Length)
        {
            return GoesOn ? LeaveBehind(start, TooLarge) : Unreadable(start, "the text ends inside an object", _text[start..]);
        }
        return Unreadable(start, WrongBracket, _text[start..++_at]);
    }

    /// <summary>The place of the bracket that closes what a place is inside of, or the text's length.</summary>
    private readonly int ClosingBracket(int at)
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

    /// <summary>Whether the place is in no array of records' own: what stands here may be wrapped in any way.</summary>
    private readonly bool IsOutside => _container is RecordContainer.None or RecordContainer.Array;

    /// <summary>Goes out of what ends here, into the array around it if there is one.</summary>
    private void Leave() => _container = _arrays > 0 ? RecordContainer.Array : RecordContainer.None;

    /// <summary>Takes the place for outside of everything.</summary>
    private void Abandon() => (_container, _arrays) = (RecordContainer.None, 0);
}

using Detector.Core.Events.Json;

namespace Detector.Core.Events;

/// <content>What cannot be read: what is told of it, and where reading goes on.</content>
public ref partial struct RecordReader
{
    private const string WrongBracket = "a bracket of the wrong kind closes the object";
    private const string NotAnObject = "not an object";

    // Behind each record that does not end, the text is searched again: without a bound, garbage would take time that grows with its square.
    private const int MaxProblems = 1_000;

    // For what is larger than a record may be, so much is searched again each time that garbage must come to an end sooner.
    private const int CostOfTooLarge = 25;

    /// <summary>Tells of what is neither an object nor an array.</summary>
    private ReadResult SkipStray()
    {
        var start = _at;
        var stop = _text[start] == '"' ? JsonText.EndOfString(_text, start + 1) + 1 : 0;
        if (stop <= start)
        {
            var length = _container is RecordContainer.None ? _text[start..].IndexOf((byte)'\n') : _text[start..].IndexOfAny(",]\n"u8);
            if ((length < 0 || _text[start] == '"') && MayWait(start))
            {
                return ReadResult.NeedsMore;
            }
            if (length < 0 && GoesOn)
            {
                return LeaveBehind(start, TooLarge);
            }
            stop = length < 0 ? _text.Length : Math.Max(start + length, start + 1);
        }
        _at = stop;
        return Unreadable(start, _container is RecordContainer.None ? "neither an object nor an array" : NotAnObject, _text[start..stop]);
    }

    /// <summary>Tells of an array that stands where a record should, as of one thing: what it holds are no records of the array around it.</summary>
    private ReadResult SkipArray()
    {
        var start = _at;
        var closing = ClosingBracket(start + 1);
        if (closing == _text.Length)
        {
            return SkipBroken(start, ObjectScanner.Unfinished);
        }
        if (SkipIfCut(start, closing + 1) is { } cut)
        {
            return cut;
        }
        _at = closing + 1;
        return Unreadable(start, NotAnObject, _text[start.._at]);
    }

    /// <summary>
    /// Goes on behind an object that does not end where it should: at the next line that begins with one, or in an array at the next record.
    /// A record's beginning cannot stand inside a string, where its quotes would be escaped.
    /// </summary>
    private ReadResult SkipBroken(int start, int failure)
    {
        var unfinished = failure == ObjectScanner.Unfinished;
        if (unfinished && MayWait(start))
        {
            return ReadResult.NeedsMore;
        }
        if (unfinished && GoesOn)
        {
            return LeaveBehind(start, TooLarge);
        }
        var next = _text[(start + 1)..].IndexOf(NextBeginning);
        if (next < 0 && MayWait(start))
        {
            return ReadResult.NeedsMore;
        }
        var reason = unfinished ? "the text ends inside the record" : WrongBracket;
        if (next < 0 && GoesOn)
        {
            return LeaveBehind(start, reason);
        }
        var stop = next < 0 ? _text.Length : start + 1 + next;
        _at = stop;
        if (next < 0)
        {
            Abandon();
        }
        return Unreadable(start, reason, _text[start..stop]);
    }

    /// <summary>
    /// Of an array's record that was cut inside an array of its own, the brackets match all the same: it takes in the records that follow, up to the end of the
    /// array around it. What follows it is then no comma, and a record begins inside it: that one is gone on with. Null if the record is as it should be.
    /// </summary>
    private ReadResult? SkipIfCut(int start, int end)
    {
        var behind = JsonText.SkipWhiteSpace(_text, end);
        if (behind < _text.Length && _text[behind] is (byte)',' or (byte)']')
        {
            return null;
        }
        if (behind == _text.Length && MayWait(start))
        {
            return ReadResult.NeedsMore;
        }
        var next = _text[(start + 1)..end].IndexOf(NextBeginning);
        if (next < 0)
        {
            return null;
        }
        _at = start + 1 + next;
        return Unreadable(start, "the record is cut: another begins inside it", _text[start.._at]);
    }

    private readonly string TooLarge =>
        $"larger than {_maxRecord:N0} bytes, which no record is"
        + (_container is RecordContainer.None ? "" : "; of its array what follows is read from the next record that begins with eventVersion");

    /// <summary>What may begin behind something broken.</summary>
    private readonly ReadOnlySpan<byte> NextBeginning => _container is RecordContainer.None ? "\n{"u8 : "{\"eventVersion\""u8;

    /// <summary>Tells of something whose end is not in sight. What begins behind it is looked for in this window and in those that follow.</summary>
    private ReadResult LeaveBehind(int start, string reason)
    {
        _at = start + 1;
        _seeking = true;
        _problems += CostOfTooLarge - 1;
        return Unreadable(start, reason, _text[start..]);
    }

    /// <summary>Goes to the next beginning; false if the window holds none.</summary>
    private bool Seek()
    {
        var beginning = NextBeginning;
        var next = _text[_at..].IndexOf(beginning);
        if (next < 0 && !_isLast)
        {
            _at = Math.Max(_at, _text.Length - beginning.Length + 1);
            return false;
        }
        _seeking = false;
        if (next < 0)
        {
            _at = _text.Length;
            Abandon();
        }
        else
        {
            _at += next;
        }
        return true;
    }

    private ReadResult Unreadable(int offset, string reason, ReadOnlySpan<byte> content)
    {
        if (_unwrapped is not null)
        {
            reason += " (inside the message of an SNS notification)";
        }
        if (++_problems >= MaxProblems)
        {
            reason += "; the text holds too many of these, and the rest of it is not read";
            _at = _text.Length;
            Abandon();
            _givenUp = _unwrapped is null;
        }
        Problem = new UnreadableRecord(
            _index++,
            _unwrapped is null ? _before + offset : offset,
            reason,
            content[..Math.Min(content.Length, Rejected.MaxContent)].ToArray()
        );
        return ReadResult.Unreadable;
    }
}

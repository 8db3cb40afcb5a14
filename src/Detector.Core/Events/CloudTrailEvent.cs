using Detector.Core.Events.Json;

namespace Detector.Core.Events;

/// <summary>
/// A view of one record: the header fields are at hand as slices of the batch's bytes, the rest is found on request by another scan of <see cref="Json"/>.
/// Valid until the reader moves on.
/// </summary>
/// <remarks>CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events".</remarks>
public readonly ref struct CloudTrailEvent
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly int _start;
    private readonly int _end;
    private readonly long _before;

    internal CloudTrailEvent(ReadOnlySpan<byte> text, int start, int end, FieldTable fields, int index, long before)
    {
        _before = before;
        _text = text;
        _start = start;
        _end = end;
        Fields = fields;
        Index = index;
    }

    /// <summary>The record, as it came.</summary>
    public ReadOnlySpan<byte> Json => _text[_start.._end];

    /// <summary>The record's 0-based place among the batch's records.</summary>
    public int Index { get; }

    /// <summary>The byte of the batch's content, or of the unwrapped notification's, at which the record begins.</summary>
    public long Offset => _before + _start;

    /// <summary><c>eventName</c>, still escaped; empty if the record has none.</summary>
    public ReadOnlySpan<byte> EventName => Text(RecordSelection.EventName);

    /// <summary><c>eventSource</c>, still escaped; empty if the record has none.</summary>
    public ReadOnlySpan<byte> EventSource => Text(RecordSelection.EventSource);

    /// <summary><c>eventID</c>, still escaped; empty if the record has none.</summary>
    public ReadOnlySpan<byte> EventId => Text(RecordSelection.EventId);

    /// <summary><c>eventTime</c>, or null if the record has none that can be read.</summary>
    public DateTimeOffset? EventTime
    {
        get
        {
            var text = Text(RecordSelection.EventTime);
            return CloudTrailTime.TryParse(text, out var time) ? time
                // Whoever wrote the JSON may escape any character, though CloudTrail escapes none of these.
                : text.Contains((byte)'\\') && CloudTrailTime.TryParse(JsonText.Unescape(text), out time) ? time
                : null;
        }
    }

    /// <summary>The fields that the reader's selection took, as slices of <see cref="FieldText"/>.</summary>
    internal FieldTable Fields { get; }

    /// <summary>The text that <see cref="Fields"/> points into.</summary>
    internal ReadOnlySpan<byte> FieldText => _text;

    private ReadOnlySpan<byte> Text(int field)
    {
        var value = Fields.First(field);
        return value >= 0 && Fields[value].Kind == JsonKind.String ? Fields[value].In(_text) : default;
    }
}

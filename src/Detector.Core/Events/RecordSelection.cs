using Detector.Core.Events.Json;

namespace Detector.Core.Events;

/// <summary>
/// What a <see cref="RecordReader"/> takes from each record on its one pass: the header fields by fixed numbers, and whatever else the rules want of every
/// record.
/// </summary>
public sealed class RecordSelection
{
    // Header fields of a record.
    internal const int EventName = 0;
    internal const int EventSource = 1;
    internal const int EventTime = 2;
    internal const int EventId = 3;

    // Keys that tell what an object is, if it is no record.
    internal const int Records = 4;
    internal const int Detail = 5;
    internal const int DetailType = 6;
    internal const int Type = 7;
    internal const int Message = 8;
    internal const int DigestStartTime = 9;

    private static readonly string[] Header =
    [
        "eventName",
        "eventSource",
        "eventTime",
        "eventID",
        "Records",
        "detail",
        "detail-type",
        "Type",
        "Message",
        "digestStartTime",
    ];

    private RecordSelection(FieldSelection fields) => Fields = fields;

    /// <summary>Nothing but the header.</summary>
    public static RecordSelection HeaderOnly { get; } = With([]);

    /// <summary>The paths taken, by field number; the header's come first.</summary>
    public FieldSelection Fields { get; }

    /// <summary>The same and the given paths, whose numbers come last.</summary>
    public RecordSelection And(IEnumerable<string> paths) => new(FieldSelection.Of([.. Fields.Paths.Union(paths, StringComparer.Ordinal)]));

    /// <summary>The header and the given paths.</summary>
    public static RecordSelection With(IEnumerable<string> paths) => new(FieldSelection.Of([.. Header.Union(paths, StringComparer.Ordinal)]));
}

namespace Detector.Core.Events;

/// <summary>Where in a text a <see cref="RecordReader"/> has come to, and what it knows by then. The default is the text's beginning.</summary>
public readonly record struct ReadPosition
{
    /// <summary>Bytes of the text that are done with.</summary>
    public long Offset { get; internal init; }

    /// <summary>How many records, readable or not, stand before it.</summary>
    internal int Index { get; init; }

    internal int Problems { get; init; }

    internal RecordContainer Container { get; init; }

    internal long Arrays { get; init; }

    internal bool Seeking { get; init; }

    internal bool GivenUp { get; init; }
}

/// <summary>What the place of a reading is inside of.</summary>
internal enum RecordContainer : byte
{
    None,
    Array,
    RecordsArray,
    BehindRecords,
}

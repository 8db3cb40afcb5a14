namespace Detector.Core.Events;

/// <summary>What <see cref="RecordReader.Read"/> came upon.</summary>
public enum ReadResult
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>Something that should have been a record: see <see cref="RecordReader.Problem"/>. Reading goes on behind it.</summary>
    Unreadable,

    /// <summary>The end.</summary>
    End,

    /// <summary>The window's end, and not the text's: go on with the next window at <see cref="RecordReader.Position"/>.</summary>
    NeedsMore,
}

/// <summary>Something that should have been a record.</summary>
/// <param name="Index">Its 0-based place among the records.</param>
/// <param name="Offset">The byte at which it begins.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Content">Its bytes, as far as they could be told from its neighbours'.</param>
public readonly record struct UnreadableRecord(int Index, long Offset, string Reason, ReadOnlyMemory<byte> Content);

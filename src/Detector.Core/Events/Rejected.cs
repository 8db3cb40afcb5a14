namespace Detector.Core.Events;

/// <summary>A record, or a whole batch, that could not be read.</summary>
/// <param name="Origin">Where it came from: see <see cref="EventBatch.Origin"/>.</param>
/// <param name="Index">The record's 0-based place in its batch.</param>
/// <param name="Offset">The byte in the batch's content at which reading failed.</param>
/// <param name="Reason">Why, in words for a person.</param>
/// <param name="Content">The bytes themselves, owned, cut to <see cref="MaxContent"/>.</param>
public sealed record Rejected(string Origin, int Index, long Offset, string Reason, ReadOnlyMemory<byte> Content)
{
    /// <summary>Bytes of a rejected record that are kept: the largest message that SQS delivers.</summary>
    public const int MaxContent = 1024 * 1024;
}

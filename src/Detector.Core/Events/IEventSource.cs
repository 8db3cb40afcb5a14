namespace Detector.Core.Events;

/// <summary>Where events come from: a queue, an HTTP intake, trail files.</summary>
public interface IEventSource
{
    /// <summary>A short name for logs and metrics, such as <c>sqs</c>.</summary>
    string Name { get; }

    /// <summary>
    /// How much later than its <c>eventTime</c> an event of this source may arrive and still be judged in its place.
    /// The watermark stays this far behind the newest event seen.
    /// </summary>
    TimeSpan Lateness { get; }

    /// <summary>
    /// Yields batches as the reader asks for them; a source never reads further ahead than its own bound.
    /// An <see cref="EventBatch.IsIdle"/> batch says that the source has just found itself empty.
    /// When <paramref name="stopping"/> is cancelled the source lets receives in flight end, yields what they brought, and
    /// completes without throwing. Lost connections and throttling are the source's own to wait out.
    /// </summary>
    IAsyncEnumerable<EventBatch> ReadAsync(CancellationToken stopping);
}

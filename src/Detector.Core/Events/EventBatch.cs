namespace Detector.Core.Events;

/// <summary>The bytes of one unit of a source (an SQS message, an HTTP body, a trail file) with the receipt to settle it by.</summary>
/// <remarks>The bytes may be pooled: they are valid until <see cref="Dispose"/>.</remarks>
public sealed class EventBatch : IDisposable
{
    private readonly IDisposable? _owner;

    /// <param name="origin">Where the bytes come from, for messages to people: a path, or a queue's name and message id.</param>
    /// <param name="content">UTF-8 JSON in any of the shapes that the record reader reads.</param>
    /// <param name="receipt">Settles the unit at its source.</param>
    /// <param name="sentAt">When the unit was handed to the source, if the source knows (SQS: <c>SentTimestamp</c>).</param>
    /// <param name="owner">Disposed with the batch, to give pooled bytes back.</param>
    public EventBatch(string origin, ReadOnlyMemory<byte> content, Receipt receipt, DateTimeOffset? sentAt = null, IDisposable? owner = null)
    {
        Origin = origin;
        Content = content;
        Receipt = receipt;
        SentAt = sentAt;
        _owner = owner;
    }

    /// <summary>A batch without content: the source has just looked and found nothing waiting.</summary>
    public static EventBatch Idle { get; } = new("", ReadOnlyMemory<byte>.Empty, Receipt.None);

    /// <summary>Where the bytes come from, for messages to people.</summary>
    public string Origin { get; }

    /// <summary>UTF-8 JSON in any of the shapes that the record reader reads.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Settles the unit at its source. Only the pump calls it.</summary>
    public Receipt Receipt { get; }

    /// <summary>When the unit was handed to the source, if the source knows.</summary>
    public DateTimeOffset? SentAt { get; }

    /// <summary>True for <see cref="Idle"/>.</summary>
    public bool IsIdle => ReferenceEquals(this, Idle);

    /// <inheritdoc/>
    public void Dispose() => _owner?.Dispose();
}

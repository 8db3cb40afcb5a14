namespace Detector.Adapters.Aws;

/// <summary>The one thing asked of SNS. Another SNS client takes the place of ours by answering to this.</summary>
public interface IAlertTopic
{
    /// <summary>Publishes one message. Answers instead of throwing, except on cancellation; ends in bounded time by itself.</summary>
    Task<PublishAnswer> PublishAsync(TopicMessage message, CancellationToken cancellation);
}

/// <summary>A message for a topic.</summary>
/// <param name="TopicArn">Which topic.</param>
/// <param name="Subject">Mail's subject line: less than 100 ASCII characters, none of them a control character.</param>
/// <param name="Bodies">A JSON object of texts by protocol, with <c>default</c> among them (SNS <c>MessageStructure: json</c>).</param>
/// <param name="Attributes">Texts for filter policies; none empty.</param>
public sealed record TopicMessage(string TopicArn, string Subject, string Bodies, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>What a FIFO topic needs besides; null for a standard one.</summary>
    public FifoPlace? Fifo { get; init; }

    /// <summary>Texts of the one attribute that is a list, <c>tags</c>; left out if there are none.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What SNS takes at most, in UTF-8 bytes of bodies, attribute names, types and values together.</summary>
    public const int MaxBytes = 256 * 1024;
}

/// <summary>A message's place in a FIFO topic.</summary>
/// <param name="Group">Messages of a group stay in order: 1 to 128 letters, digits and punctuation marks.</param>
/// <param name="Deduplication">SNS takes a message of the same once within five minutes.</param>
public sealed record FifoPlace(string Group, string Deduplication);

/// <summary>What became of a message.</summary>
/// <param name="Fate">Which of the four.</param>
/// <param name="MessageId">SNS's id of the message, if it was published.</param>
/// <param name="Code">The error code, equal for failures of one cause; empty if it was published.</param>
/// <param name="Reason">Why not, in one line without secrets; empty if it was published.</param>
public readonly record struct PublishAnswer(PublishFate Fate, string? MessageId, string Code = "", string Reason = "");

/// <summary>What became of a message.</summary>
public enum PublishFate
{
    /// <summary>SNS has it.</summary>
    Published,

    /// <summary>Throttled, an outage, or no network: waiting mends it.</summary>
    NotNow,

    /// <summary>The topic, a permission, a key or the credentials are missing: an operator mends it.</summary>
    Misconfigured,

    /// <summary>SNS does not take this content: nothing mends it.</summary>
    Rejected,
}

using System.Text;

namespace Detector.Adapters.Aws;

/// <summary>What is asked of SNS. Another SNS client takes the place of ours by answering to this.</summary>
public interface IAlertTopic
{
    /// <summary>Publishes one message. Answers instead of throwing, except on cancellation; ends in bounded time by itself.</summary>
    Task<PublishAnswer> PublishAsync(TopicMessage message, CancellationToken cancellation);

    /// <summary>
    /// Publishes messages for one topic in one call: at most <see cref="TopicMessage.MostInBatch"/>, together no larger than <see cref="TopicMessage.MaxBytes"/>.
    /// Answers for each, in their order, as <see cref="PublishAsync"/> does.
    /// </summary>
    Task<IReadOnlyList<PublishAnswer>> PublishBatchAsync(IReadOnlyList<TopicMessage> messages, CancellationToken cancellation);
}

/// <summary>A message for a topic.</summary>
/// <param name="TopicArn">Which topic.</param>
/// <param name="Subject">Mail's subject line: less than 100 ASCII characters, none of them a control character.</param>
/// <param name="Bodies">A JSON object of texts by protocol, with <c>default</c> among them (SNS <c>MessageStructure: json</c>).</param>
/// <param name="Attributes">What filter policies can ask for; a queue that takes messages raw takes ten at most.</param>
public sealed record TopicMessage(string TopicArn, string Subject, string Bodies, IReadOnlyList<TopicAttribute> Attributes)
{
    /// <summary>What a FIFO topic needs besides; null for a standard one.</summary>
    public FifoPlace? Fifo { get; init; }

    /// <summary>What SNS takes at most, in UTF-8 bytes of bodies, attribute names, types and values together: of a message, and of a batch.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>What one call takes at most.</summary>
    public const int MostInBatch = 10;

    /// <summary>What it takes of <see cref="MaxBytes"/>.</summary>
    public int Size => Encoding.UTF8.GetByteCount(Bodies) + Attributes.Sum(attribute => attribute.Size);
}

/// <summary>An attribute of a message, for filter policies.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">SNS's word for its type: <c>String</c>, or <c>String.Array</c>, of which a policy has to match one element.</param>
/// <param name="Value">Its value, never empty; of a list as a JSON array.</param>
public sealed record TopicAttribute(string Name, string Type, string Value)
{
    /// <summary>What it takes of <see cref="TopicMessage.MaxBytes"/>.</summary>
    public int Size => Encoding.UTF8.GetByteCount(Name + Type + Value);
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

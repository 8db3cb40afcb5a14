namespace Detector.Adapters.Aws.Inspection;

/// <summary>Asks AWS how the parts of a deployment stand. Changes nothing. Every call throws <see cref="AwsCallException"/> if AWS does not answer it.</summary>
public interface IAccountReader : IDisposable
{
    /// <summary>Who asks (sts:GetCallerIdentity).</summary>
    Task<Caller> CallerAsync(CancellationToken cancellation);

    /// <summary>A queue (sqs:GetQueueAttributes).</summary>
    /// <param name="url">Its URL.</param>
    /// <param name="cancellation">Stops it.</param>
    Task<QueueState> QueueAsync(string url, CancellationToken cancellation);

    /// <summary>A queue by its ARN (sqs:GetQueueUrl, sqs:GetQueueAttributes).</summary>
    Task<QueueState> QueueByArnAsync(string arn, CancellationToken cancellation);

    /// <summary>The names of a bus's rules (events:ListRules); the default bus if it is null.</summary>
    Task<IReadOnlyList<RuleState>> RulesAsync(string? bus, CancellationToken cancellation);

    /// <summary>The ARNs that a rule sends events to (events:ListTargetsByRule).</summary>
    Task<IReadOnlyList<string>> TargetsAsync(string? bus, string rule, CancellationToken cancellation);

    /// <summary>Whether EventBridge itself says that an event meets a pattern (events:TestEventPattern).</summary>
    Task<bool> PassesAsync(string pattern, string envelope, CancellationToken cancellation);

    /// <summary>The trails of the region, of other regions too if they record this one (cloudtrail:DescribeTrails).</summary>
    Task<IReadOnlyList<TrailState>> TrailsAsync(CancellationToken cancellation);

    /// <summary>Whether a trail records, and what went wrong last (cloudtrail:GetTrailStatus).</summary>
    Task<TrailStatus> TrailStatusAsync(string arn, CancellationToken cancellation);

    /// <summary>Which management events a trail records (cloudtrail:GetEventSelectors).</summary>
    Task<ManagementEvents> ManagementEventsAsync(string arn, CancellationToken cancellation);

    /// <summary>A topic (sns:GetTopicAttributes).</summary>
    Task<TopicState> TopicAsync(string arn, CancellationToken cancellation);

    /// <summary>A topic's subscriptions, confirmed or not (sns:ListSubscriptionsByTopic).</summary>
    Task<IReadOnlyList<SubscriptionState>> SubscriptionsAsync(string arn, CancellationToken cancellation);
}

/// <summary>Who calls.</summary>
public sealed record Caller(string Account, string Arn);

/// <summary>A queue's attributes by their names.</summary>
public sealed record QueueState(string Url, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A rule of EventBridge.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arn">Its ARN.</param>
/// <param name="State">ENABLED, DISABLED, or ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.</param>
/// <param name="Pattern">Null for a rule by schedule.</param>
public sealed record RuleState(string Name, string Arn, string State, string? Pattern);

/// <summary>A trail.</summary>
public sealed record TrailState(string Name, string Arn, bool IsMultiRegion, bool HasGlobalEvents, bool Validates, bool IsEncrypted);

/// <summary>Whether a trail records.</summary>
/// <param name="IsLogging">Whether it was started and not stopped.</param>
/// <param name="DeliveryError">Why the last delivery failed; null if it did not.</param>
public sealed record TrailStatus(bool IsLogging, string? DeliveryError);

/// <summary>Which management events a trail records.</summary>
public sealed record ManagementEvents(bool Reads, bool Writes, IReadOnlyList<string> ExcludedSources);

/// <summary>A topic's attributes by their names.</summary>
public sealed record TopicState(IReadOnlyDictionary<string, string> Attributes);

/// <summary>A subscription.</summary>
/// <param name="Protocol">email, https, sqs, ...</param>
/// <param name="IsConfirmed">Whether the receiver has agreed; nothing is sent before.</param>
public sealed record SubscriptionState(string Protocol, bool IsConfirmed);

/// <summary>AWS did not answer a call.</summary>
/// <param name="permission">What the call needs, such as <c>sqs:GetQueueAttributes</c>.</param>
/// <param name="code">AWS's error code.</param>
/// <param name="reason">One line for people.</param>
public sealed class AwsCallException(string permission, string code, string reason) : Exception(reason)
{
    /// <summary>What the call needs.</summary>
    public string Permission => permission;

    /// <summary>AWS's error code, or <c>unreachable</c>.</summary>
    public string Code => code;

    /// <summary>Whether the caller may not ask.</summary>
    public bool IsDenied =>
        code.Contains("AccessDenied", StringComparison.OrdinalIgnoreCase)
        || code.Contains("NotAuthorized", StringComparison.OrdinalIgnoreCase)
        || code is "AuthorizationError" or "UnauthorizedOperation" or "Forbidden";

    /// <summary>Whether the part is not there.</summary>
    public bool IsMissing =>
        code.Contains("NonExistent", StringComparison.OrdinalIgnoreCase)
        || code.Contains("NotFound", StringComparison.OrdinalIgnoreCase)
        || code.Contains("DoesNotExist", StringComparison.OrdinalIgnoreCase);
}

using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Delivery;

/// <summary>What a person receives. Computed from data alone: the same events give the same alert, live or replayed.</summary>
public sealed record Alert
{
    /// <summary>The form of its JSON: <see cref="AlertJson.Schema"/>.</summary>
    public string Schema { get; } = AlertJson.Schema;

    /// <summary>Identity: equal for everything that must be told only once.</summary>
    public required AlertId Id { get; init; }

    /// <summary>The rule that fired.</summary>
    public required AlertRule Rule { get; init; }

    /// <summary>Whether one event sufficed or several were correlated.</summary>
    public required AlertKind Kind { get; init; }

    /// <summary>True when an event arrived so late that its place in time had already been judged, or long after it happened.</summary>
    public bool Late { get; init; }

    /// <summary>
    /// When the newest event was handed to the source that it came by (a queue), or replayed; null if that is not known. It decides where the alert goes, and is no
    /// part of what is told or kept.
    /// </summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>What the alert is about, for rules that group: the values of the group-by fields, joined by <c>, </c>; else null.</summary>
    public string? Group { get; init; }

    /// <summary>The events it stands for, in the order of their times; never empty.</summary>
    public required IReadOnlyList<AlertEvent> Events { get; init; }

    /// <summary>The suppression that keeps it from every sink; null for alerts that are told.</summary>
    public string? HiddenBy { get; init; }

    /// <summary>What the newest of the events says about who did what, from where.</summary>
    public required AlertFacts Facts { get; init; }

    /// <summary>
    /// Records behind it, UTF-8 JSON, if the replay was asked to hand them out with it: the newest, and some before it; else null. No part of what is told or kept.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>>? Evidence { get; init; }

    /// <summary>The time of the newest event, which is when the condition was met.</summary>
    public DateTimeOffset? Time => Events[^1].EventTime;
}

/// <summary>Whether one event sufficed or several were correlated.</summary>
public enum AlertKind
{
    /// <summary>One event met the rule.</summary>
    Plain,

    /// <summary>Several events met a correlation rule.</summary>
    Correlation,
}

/// <summary>What a rule says of itself, copied into the alert so that a stored alert needs no rule set.</summary>
/// <param name="Id">The rule's id, or its title if it has none.</param>
/// <param name="Name">The rule's name (Sigma <c>name</c>), a slug such as <c>root-usage</c>; the title if it has none.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Level">How much is at stake.</param>
/// <param name="Tags">Sigma tags such as <c>attack.t1078.004</c> and <c>detector.root-usage</c>.</param>
/// <param name="Description">Why it matters.</param>
/// <param name="FirstStep">What to do first; empty if the rule does not say.</param>
public sealed record AlertRule(string Id, string Name, string Title, Level Level, IReadOnlyList<string> Tags, string Description, string FirstStep);

/// <summary>One event behind an alert.</summary>
/// <param name="EventId">CloudTrail's <c>eventID</c>, or null.</param>
/// <param name="EventTime">CloudTrail's <c>eventTime</c>, or null.</param>
/// <param name="EventName">CloudTrail's <c>eventName</c>, or null.</param>
/// <param name="File">The origin of the batch that held it.</param>
/// <param name="Index">Its 0-based place among the batch's records.</param>
public sealed record AlertEvent(string? EventId, DateTimeOffset? EventTime, string? EventName, string File, int Index);

/// <summary>Who did what, from where, as the record tells it. Every string is the caller's to choose in part: sinks escape them all.</summary>
public sealed record AlertFacts
{
    /// <summary>The caller's ARN, or the best name for it that the record holds.</summary>
    public string? Actor { get; init; }

    /// <summary>CloudTrail's <c>userIdentity.type</c>.</summary>
    public string? ActorType { get; init; }

    /// <summary>
    /// Who stands behind the session that called, as far as it was known when the alert was made; null if the actor called by itself. The alert's identity does not
    /// depend on it.
    /// </summary>
    public ActorChain? Behind { get; init; }

    /// <summary>The access key in use (<c>userIdentity.accessKeyId</c>).</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>The account in which it happened (<c>recipientAccountId</c>, else the caller's).</summary>
    public string? Account { get; init; }

    /// <summary>CloudTrail's <c>awsRegion</c>.</summary>
    public string? Region { get; init; }

    /// <summary>CloudTrail's <c>eventSource</c>, such as <c>iam.amazonaws.com</c>.</summary>
    public string? EventSource { get; init; }

    /// <summary>CloudTrail's <c>eventName</c>.</summary>
    public string? EventName { get; init; }

    /// <summary>CloudTrail's <c>sourceIPAddress</c>: an address, or the name of a service.</summary>
    public string? SourceAddress { get; init; }

    /// <summary>CloudTrail's <c>userAgent</c>.</summary>
    public string? UserAgent { get; init; }

    /// <summary>CloudTrail's <c>errorCode</c>; null when the call succeeded.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Whether the session was authenticated with MFA: "yes", "no", or "not recorded".</summary>
    public string? Mfa { get; init; }

    /// <summary>What it was done to: the telling request parameters, as <c>name=value</c>, short.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];
}

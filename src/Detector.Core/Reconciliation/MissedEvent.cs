namespace Detector.Core.Reconciliation;

/// <summary>An event of an archive that never came to the live path.</summary>
/// <param name="Kind">What sort of event it is.</param>
/// <param name="EventTime">CloudTrail's <c>eventTime</c>, or null.</param>
/// <param name="EventSource">CloudTrail's <c>eventSource</c>.</param>
/// <param name="EventName">CloudTrail's <c>eventName</c>.</param>
/// <param name="EventId">CloudTrail's <c>eventID</c>, or null.</param>
/// <param name="Account">The account in which it happened.</param>
/// <param name="Region">CloudTrail's <c>awsRegion</c>.</param>
/// <param name="Actor">The caller's ARN, or the best name for it that the record holds.</param>
/// <param name="File">Where it lies.</param>
/// <param name="Index">Its 0-based place there.</param>
public sealed record MissedEvent(
    MissedKind Kind,
    DateTimeOffset? EventTime,
    string? EventSource,
    string? EventName,
    string? EventId,
    string? Account,
    string? Region,
    string? Actor,
    string File,
    int Index
);

/// <summary>Sorts of events, as far as it matters to whether they come by EventBridge.</summary>
/// <remarks>EventBridge User Guide, "AWS service events delivered via AWS CloudTrail"; CloudTrail User Guide, "CloudTrail event categories".</remarks>
public enum MissedKind
{
    /// <summary>A management event that changes something and that a rule may meet. Every way that events may come by brings these.</summary>
    Write,

    /// <summary>A management event that only reads and that a rule may meet: EventBridge delivers it only to rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.</summary>
    Read,

    /// <summary>A management event that changes something and that no rule can meet: the smallest EventBridge patterns leave it out.</summary>
    OtherWrite,

    /// <summary>The same, if it only reads.</summary>
    OtherRead,

    /// <summary>A data event.</summary>
    Data,

    /// <summary>Insights, network activity, and what names no service or no call.</summary>
    Other,

    /// <summary>An event of more than 256 KB, which is more than EventBridge and SQS take.</summary>
    TooLarge,

    /// <summary>From before the ledger began to remember, or so long ago that it has forgotten.</summary>
    Before,

    /// <summary>So new that it may still be on its way.</summary>
    Recent,
}

/// <summary>How many events of a sort an archive holds, and how many of them came.</summary>
/// <param name="Kind">Which sort.</param>
/// <param name="Came">Those that came.</param>
/// <param name="Missed">Those that did not.</param>
public sealed record KindCount(MissedKind Kind, long Came, long Missed)
{
    /// <summary>
    /// Whether those that did not come should have: what changes something and matters to a rule always, any other sort if others of it came, because then the way that events take lets
    /// it through.
    /// </summary>
    public bool ShouldHaveCome => Missed > 0 && Kind is not (MissedKind.Before or MissedKind.Recent) && (Kind is MissedKind.Write || Came > 0);
}

/// <summary>A place of which nothing that should have come came.</summary>
/// <param name="Account">The account.</param>
/// <param name="Region">The region.</param>
/// <param name="Missed">Management events that change something.</param>
public sealed record SilentPlace(string Account, string Region, long Missed);

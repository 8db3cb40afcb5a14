using Detector.App.Replays;
using Detector.Core.Delivery;
using Detector.Core.Integrity;
using Detector.Core.Reconciliation;

namespace Detector.App.Reconciliation;

/// <summary>What became of a comparison.</summary>
/// <param name="Seen">What the live run saw.</param>
/// <param name="Comparison">What the archive holds beside it.</param>
/// <param name="Missed">The alerts of what never came, and whether the ledger knows each already.</param>
/// <param name="Sent">How many of them were sent now; null if that was not asked for.</param>
/// <param name="Outcome">The archive.</param>
/// <param name="Integrity">What its digests prove; null if that was not asked for.</param>
internal sealed record Reconciled(
    SeenSet Seen,
    ArchiveComparison Comparison,
    IReadOnlyList<(Alert Alert, bool Known)> Missed,
    int? Sent,
    ReplayOutcome Outcome,
    TrailIntegrity? Integrity
)
{
    /// <summary>Alerts that nobody was told of before.</summary>
    public int New => Missed.Count(one => !one.Known);
}

/// <summary>What is said of the sorts of events.</summary>
internal static class MissedKinds
{
    public static string Name(this MissedKind kind) =>
        kind switch
        {
            MissedKind.Write => "changes",
            MissedKind.Read => "reads",
            MissedKind.OtherWrite => "changes no rule meets",
            MissedKind.OtherRead => "reads no rule meets",
            MissedKind.Data => "data events",
            MissedKind.Other => "Insights and others",
            MissedKind.TooLarge => "over 256 KB",
            MissedKind.Before => "before the ledger",
            _ => "just now",
        };

    /// <summary>Why events of a sort did not come; or that they should have.</summary>
    public static string Why(KindCount count) =>
        count.Missed == 0 ? "all came"
        : count.ShouldHaveCome ? "should have come"
        : count.Kind switch
        {
            MissedKind.Read => "none ever came: EventBridge delivers them only to rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            MissedKind.OtherWrite or MissedKind.OtherRead => "none ever came: the patterns of detector infra leave them out",
            MissedKind.Data => "none ever came: the EventBridge rule's pattern or the trail leaves them out",
            MissedKind.Other => "none ever came: they do not come as AWS API Call via CloudTrail",
            MissedKind.TooLarge => "none ever came: EventBridge and SQS take 256 KB",
            MissedKind.Before => "from before what the ledger remembers, and not compared",
            _ => "may still be on their way, and not compared",
        };
}

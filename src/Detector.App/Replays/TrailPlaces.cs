namespace Detector.App.Replays;

/// <summary>Where a replay reads, as its command line says.</summary>
/// <param name="Paths">Files, folders, <c>s3://bucket/prefix</c>, and <c>-</c> for standard input.</param>
/// <param name="Accounts">Only these accounts; none for all.</param>
/// <param name="Regions">Only these regions; none for all.</param>
/// <param name="LookupEvents">Whether CloudTrail's own event history is read.</param>
/// <param name="Cache">A folder that keeps what was fetched; null to keep nothing.</param>
/// <param name="ServiceUrl">An endpoint in place of AWS's; null for AWS.</param>
/// <param name="Enqueue">A queue that gets the objects' names, in place of judging them.</param>
internal sealed record TrailPlaces(
    IReadOnlyList<string> Paths,
    IReadOnlyList<string> Accounts,
    IReadOnlyList<string> Regions,
    bool LookupEvents,
    string? Cache,
    string? ServiceUrl,
    string? Enqueue
);

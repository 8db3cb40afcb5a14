using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Status;

/// <summary>Everything that the status page tells, at one moment.</summary>
/// <param name="Version">The program's.</param>
/// <param name="Started">When it began.</param>
/// <param name="Source">Where events come from.</param>
/// <param name="Rules">How many rules are tried.</param>
/// <param name="Watermark">Up to where time has passed in detection; null before the first event.</param>
/// <param name="Live">What the live path has done.</param>
/// <param name="Dearest">The rules that cost most, the dearest first.</param>
/// <param name="Sinks">Each sink that is configured, with the least level that it takes and its deliveries that wait.</param>
/// <param name="Complaints">Why it is not ready; empty if it is.</param>
/// <param name="Worries">What somebody should look at all the same: silence, a lost canary.</param>
internal sealed record StatusReport(
    string Version,
    DateTimeOffset Started,
    string Source,
    int Rules,
    DateTimeOffset? Watermark,
    LiveNumbers Live,
    IReadOnlyList<RuleCost> Dearest,
    IReadOnlyList<(string Name, Level Minimum, OutboxState Outbox)> Sinks,
    IReadOnlyList<string> Complaints,
    IReadOnlyList<string> Worries
)
{
    public bool IsReady => Complaints.Count == 0;
}

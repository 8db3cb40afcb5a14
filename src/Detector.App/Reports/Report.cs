using Detector.App.Replays;
using Detector.Core.Delivery;
using Detector.Core.Detection.Surveys;
using Detector.Core.Integrity;

namespace Detector.App.Reports;

/// <summary>What a report is made of.</summary>
/// <param name="Made">When.</param>
/// <param name="Alerts">The alerts, in order; gone through more than once.</param>
/// <param name="Records">The records behind them.</param>
/// <param name="Stats">What the replay went through.</param>
/// <param name="Survey">What the archive holds, with who did what.</param>
/// <param name="Losses">How much could not be read.</param>
/// <param name="Stopped">How far the replay came, if it was stopped.</param>
/// <param name="Integrity">What the digest files say; null if they were not asked.</param>
internal sealed record Report(
    DateTimeOffset Made,
    IEnumerable<Alert> Alerts,
    RecordPacks Records,
    ReplayStats Stats,
    Survey Survey,
    int Losses,
    string? Stopped,
    TrailIntegrity? Integrity
)
{
    /// <summary>Records that an alert shows of those behind it.</summary>
    public const int Evidence = 5;
}

using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>What stage 1 found in one batch, or in one window of it.</summary>
/// <param name="Rules">The rules that were tried. Stage 2 may have others by the time the judgement comes to it.</param>
/// <param name="Records">Records read.</param>
/// <param name="Newest">The newest eventTime among those that were tried.</param>
/// <param name="Hits">Rules that matched, in the order of the records.</param>
/// <param name="Rejected">What could not be read.</param>
/// <param name="Foreign">Objects that are no records: see <see cref="RecordReader.Foreign"/>.</param>
/// <param name="Oldest">The oldest eventTime among those that were tried.</param>
public readonly record struct Judgement(
    RuleSet Rules,
    int Records,
    DateTimeOffset? Newest,
    IReadOnlyList<Hit> Hits,
    IReadOnlyList<Rejected> Rejected,
    int Foreign = 0,
    DateTimeOffset? Oldest = null
);

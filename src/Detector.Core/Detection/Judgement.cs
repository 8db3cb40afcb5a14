using Detector.Core.Events;

namespace Detector.Core.Detection;

/// <summary>What stage 1 found in one batch.</summary>
/// <param name="Records">Records read.</param>
/// <param name="Newest">The newest eventTime among them.</param>
/// <param name="Hits">Rules that matched, in the order of the records.</param>
/// <param name="Rejected">What could not be read.</param>
public readonly record struct Judgement(int Records, DateTimeOffset? Newest, IReadOnlyList<Hit> Hits, IReadOnlyList<Rejected> Rejected);

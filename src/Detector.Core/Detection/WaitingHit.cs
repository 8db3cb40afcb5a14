using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>A hit on its way to the correlation that waits for it.</summary>
/// <param name="Correlation">The correlation.</param>
/// <param name="Hit">The hit.</param>
/// <param name="Group">The values of the correlation's group-by fields.</param>
/// <param name="Value">The values of the fields that the correlation counts or adds; null if it has none of them, or the record lacks one.</param>
/// <param name="Time">The event's time.</param>
/// <param name="Late">Whether the watermark had passed its time when it came.</param>
internal sealed record WaitingHit(CorrelationRule Correlation, Hit Hit, string Group, string? Value, DateTimeOffset Time, bool Late = false)
{
    public HitKey Key => new(Correlation.Key, Hit.Rule.Key, Hit.Event);
}

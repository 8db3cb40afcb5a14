using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>A hit on its way to what waits for it.</summary>
/// <param name="For">A correlation, or the hit's own rule if that is judged in the order of time.</param>
/// <param name="Hit">The hit.</param>
/// <param name="Group">The values of the correlation's group-by fields, or of its rule's sighting.</param>
/// <param name="Value">The values of the fields that the correlation counts or adds; null if it has none of them, or the record lacks one.</param>
/// <param name="Time">When its turn comes: the event's time, or as long after it as its rule says.</param>
/// <param name="Rank">0 for events; what history learns from stands before the others of the same time; what correlations make stands behind the events of the same time, each behind what it builds on.</param>
/// <param name="Late">Whether the watermark had passed its time when it came.</param>
internal sealed record WaitingHit(Rule For, Hit Hit, string Group, string? Value, DateTimeOffset Time, int Rank = 0, bool Late = false)
{
    /// <summary>The one order of hits, whatever order they came in. No two of a timeline are equal in it.</summary>
    public static IComparer<WaitingHit> InOrder { get; } = Comparer<WaitingHit>.Create(Compare);

    public HitKey Key => new(For.Key, Hit.Rule.Key, Hit.Event);

    private static int Compare(WaitingHit a, WaitingHit b)
    {
        var order = a.Time.CompareTo(b.Time);
        order = order != 0 ? order : a.Rank.CompareTo(b.Rank);
        order = order != 0 ? order : string.CompareOrdinal(a.Hit.Event.Value, b.Hit.Event.Value);
        order = order != 0 ? order : string.CompareOrdinal(a.Hit.Rule.Key, b.Hit.Rule.Key);
        return order != 0 ? order : string.CompareOrdinal(a.For.Key, b.For.Key);
    }
}

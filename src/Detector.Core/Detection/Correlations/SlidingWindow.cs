using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>
/// One group's hits in the order of their times, and the windows over them: from each hit back over the timespan, both ends included. A window slides with its
/// newest hit; it is never aligned to the clock.
/// </summary>
internal sealed class SlidingWindow(TimeSpan timespan)
{
    /// <summary>How many hits one group keeps: a flood costs the oldest of its own group, not the memory of all.</summary>
    public const int MaxHits = CorrelationRule.MostHits;

    private readonly List<WaitingHit> _hits = [];

    /// <summary>How long a hit is kept: twice the timespan, so that a late hit still finds the others of its window.</summary>
    public static TimeSpan Kept(TimeSpan timespan) => timespan * 2;

    /// <summary>Takes a hit into its place, and judges the windows that it belongs to.</summary>
    /// <param name="hit">The new hit.</param>
    /// <param name="condition">Whether a window's hits meet the rule.</param>
    public Verdict Take(WaitingHit hit, Func<IReadOnlyList<WaitingHit>, bool> condition)
    {
        var place = _hits.FindLastIndex(other => WaitingHit.InOrder.Compare(other, hit) <= 0) + 1;
        _hits.Insert(place, hit);
        // In order, the new hit is the newest and ends the only window to judge. A late one belongs to the windows of newer hits too.
        for (var end = place; end < _hits.Count && _hits[end].Time - hit.Time <= timespan; end++)
        {
            var start = _hits.FindIndex(first => _hits[end].Time - first.Time <= timespan);
            var window = _hits.GetRange(start, end - start + 1);
            if (condition(window))
            {
                return Fire(window, end);
            }
        }
        var expired = Expire();
        return _hits.Count <= MaxHits
            ? new Verdict([], expired)
            : new Verdict([], [.. expired, Oldest()], $"more than {MaxHits} events of one group are inside its timespan: the oldest are left out");
    }

    /// <summary>The group has ended: nothing is needed any more.</summary>
    public IReadOnlyList<WaitingHit> Close()
    {
        var rest = _hits.ToArray();
        _hits.Clear();
        return rest;
    }

    /// <summary>The group starts afresh behind the window that fired.</summary>
    private Verdict Fire(List<WaitingHit> window, int end)
    {
        var released = _hits.GetRange(0, end + 1);
        _hits.RemoveRange(0, end + 1);
        return new Verdict(window, released);
    }

    private WaitingHit Oldest()
    {
        var oldest = _hits[0];
        _hits.RemoveAt(0);
        return oldest;
    }

    private List<WaitingHit> Expire()
    {
        var newest = _hits[^1].Time;
        var expired = _hits.TakeWhile(hit => newest - hit.Time > Kept(timespan)).ToList();
        _hits.RemoveRange(0, expired.Count);
        return expired;
    }
}

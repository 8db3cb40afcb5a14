using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>
/// One group's hits in the order of their times, and the windows over them: from each hit back over the timespan, both ends included. A window slides with its
/// newest hit; it is never aligned to the clock.
/// </summary>
/// <param name="rule">The correlation.</param>
/// <param name="most">How many hits are kept.</param>
internal sealed class SlidingWindow(CorrelationRule rule, int most = SlidingWindow.MaxHits)
{
    /// <summary>How many hits one group keeps: a flood costs the oldest of its own group, not the memory of all.</summary>
    public const int MaxHits = CorrelationRule.MostHits;

    private readonly HitQueue _hits = new();
    private readonly WindowTally _tally = WindowTally.Of(rule);

    // What is tallied: between two calls the window of the newest hit, or nothing.
    private int _start;
    private int _end;

    /// <summary>How long a hit is kept: twice the timespan, so that a late hit still finds the others of its window.</summary>
    public static TimeSpan Kept(TimeSpan timespan) => timespan * 2;

    /// <summary>Takes a hit into its place, and judges the windows that it belongs to.</summary>
    public Verdict Take(WaitingHit hit)
    {
        var place = _hits.PlaceOf(hit);
        LeaveOutFrom(place);
        _hits.Insert(place, hit);
        // In order, the new hit is the newest and ends the only window to judge. A late one belongs to the windows of newer hits too.
        for (var end = place; end < _hits.Count && _hits[end].Time - hit.Time <= rule.Timespan; end++)
        {
            SlideTo(end);
            if (_tally.IsMet)
            {
                return Fire();
            }
        }
        SlideTo(_hits.Count - 1);
        var expired = Expire();
        return _hits.Count <= most
            ? new Verdict([], expired)
            : new Verdict([], [.. expired, .. TakeFirst(1)], $"more than {most} events of one group are inside its timespan: the oldest are left out");
    }

    /// <summary>The group has ended: nothing is needed any more.</summary>
    public IReadOnlyList<WaitingHit> Close() => _hits.TakeFirst(_hits.Count);

    /// <summary>Makes a hit the newest of what is tallied, which none behind it may be yet.</summary>
    private void SlideTo(int newest)
    {
        while (_end <= newest)
        {
            _tally.Add(_hits[_end++]);
        }
        var time = _hits[newest].Time;
        while (_start > 0 && time - _hits[_start - 1].Time <= rule.Timespan)
        {
            _tally.Add(_hits[--_start]);
        }
        while (time - _hits[_start].Time > rule.Timespan)
        {
            _tally.Remove(_hits[_start++]);
        }
    }

    /// <summary>Takes all hits from a place on out of what is tallied.</summary>
    private void LeaveOutFrom(int place)
    {
        while (_end > Math.Max(place, _start))
        {
            _tally.Remove(_hits[--_end]);
        }
        if (place < _start)
        {
            _start = _end = place;
        }
    }

    /// <summary>The group starts afresh behind the window that is tallied.</summary>
    private Verdict Fire()
    {
        var window = _hits.Range(_start, _end - _start);
        var released = _hits.TakeFirst(_end);
        _tally.Clear();
        _start = _end = 0;
        return new Verdict(window, released);
    }

    private WaitingHit[] Expire()
    {
        var newest = _hits[_hits.Count - 1].Time;
        var expired = 0;
        while (newest - _hits[expired].Time > Kept(rule.Timespan))
        {
            expired++;
        }
        return TakeFirst(expired);
    }

    private WaitingHit[] TakeFirst(int count)
    {
        for (; _start < count; _start++)
        {
            _tally.Remove(_hits[_start]);
        }
        _start -= count;
        _end -= count;
        return _hits.TakeFirst(count);
    }
}

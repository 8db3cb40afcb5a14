using System.Runtime.InteropServices;

namespace Detector.Core.Detection.Correlations;

/// <summary>Hits in the order of their times. They come and go at either end or near it, each at a cost that does not grow with how many there are.</summary>
internal sealed class HitQueue
{
    private readonly List<WaitingHit?> _hits = [];

    // What goes leaves a gap at the front, which is closed once it is longer than the rest: to move all others up for each that goes is work without end.
    private int _gap;

    public int Count => _hits.Count - _gap;

    public WaitingHit this[int index] => _hits[_gap + index]!;

    /// <summary>Where a hit belongs: behind all that do not come after it.</summary>
    public int PlaceOf(WaitingHit hit)
    {
        if (Count > 0 && WaitingHit.InOrder.Compare(this[0], hit) > 0)
        {
            return 0;
        }
        var place = Count;
        while (place > 0 && WaitingHit.InOrder.Compare(this[place - 1], hit) > 0)
        {
            place--;
        }
        return place;
    }

    /// <summary>The first hit from a place on that is not before a time; how many there are, if none is.</summary>
    public int FirstFrom(int place, DateTimeOffset time)
    {
        var (low, high) = (place, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = this[middle].Time < time ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    /// <summary>The hits of a stretch.</summary>
    public WaitingHit[] Range(int start, int count) => [.. CollectionsMarshal.AsSpan(_hits).Slice(_gap + start, count)!];

    /// <summary>Puts a hit where it belongs.</summary>
    /// <param name="place">Where that is.</param>
    /// <param name="hit">The hit.</param>
    public void Insert(int place, WaitingHit hit)
    {
        if (place == 0 && _gap > 0)
        {
            _hits[--_gap] = hit;
        }
        else
        {
            _hits.Insert(_gap + place, hit);
        }
    }

    /// <summary>Takes the oldest hits out.</summary>
    public WaitingHit[] TakeFirst(int count)
    {
        if (count == 0)
        {
            return [];
        }
        var first = Range(0, count);
        CollectionsMarshal.AsSpan(_hits).Slice(_gap, count).Clear();
        _gap += count;
        if (_gap > Count)
        {
            _hits.RemoveRange(0, _gap);
            _gap = 0;
        }
        return first;
    }

    /// <summary>Takes the oldest hit or the newest one out.</summary>
    public void TakeEnd(WaitingHit hit)
    {
        if (ReferenceEquals(this[0], hit))
        {
            TakeFirst(1);
        }
        else
        {
            _hits.RemoveAt(_hits.Count - 1);
        }
    }

    /// <summary>Takes all out.</summary>
    public void Clear()
    {
        _hits.Clear();
        _gap = 0;
    }
}

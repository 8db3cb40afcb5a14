using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>
/// The groups of one correlation, each with its windows. A group ends when it has been quiet for as long as its window keeps hits; until then it starts afresh
/// whenever it fires. A caller may choose the names of groups, as many as they like: if there are too many hits the groups end that have been quiet longest. One
/// timer serves all groups: one for each, set anew with every hit (Rx's GroupByUntil and Throttle), cost more than all else.
/// </summary>
internal sealed class WindowGroups : IDisposable
{
    /// <summary>
    /// How many hits all groups keep, and how many groups there are: 130 MB of a flood that is spread over many groups, which costs this correlation and no other. A hit
    /// counts as one more for every <see cref="UsualRecord"/> bytes of its record.
    /// </summary>
    public const int MaxHits = 50_000;

    /// <summary>Most records are smaller.</summary>
    private const int UsualRecord = 2048;

    private readonly CorrelationRule _rule;
    private readonly TimeSpan _quiet;
    private readonly IScheduler _clock;
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _ends = new(); // of each group, or before it: hits put it off
    private readonly Subject<Verdict> _ended = new();
    private readonly SerialDisposable _timer = new();
    private int _size;

    public WindowGroups(CorrelationRule rule, IScheduler clock)
    {
        _clock = clock;
        _rule = rule;
        _quiet = SlidingWindow.Kept(rule.Timespan) + TimeSpan.FromTicks(1);
    }

    /// <summary>How many groups there are.</summary>
    public int Count => _groups.Count;

    /// <summary>What ended groups leave behind.</summary>
    public IObservable<Verdict> Ended => _ended.AsObservable();

    /// <summary>Takes a hit into its group, and judges the windows that it belongs to.</summary>
    public Verdict Take(WaitingHit hit)
    {
        if (!_groups.TryGetValue(hit.Group, out var group))
        {
            _groups.Add(hit.Group, group = new Group(new SlidingWindow(_rule)));
            _ends.Enqueue(hit.Group, _clock.Now + _quiet);
            if (_groups.Count == 1)
            {
                Wait();
            }
        }
        group.End = _clock.Now + _quiet;
        var verdict = group.Window.Take(hit);
        _size += SizeOf(hit) - (verdict.Released.Count == 0 ? 0 : verdict.Released.Sum(SizeOf));
        return IsCrowded ? MakeRoom(verdict) : verdict;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _ended.Dispose();
    }

    private bool IsCrowded => Math.Max(_size, Count) > MaxHits;

    private static int SizeOf(WaitingHit hit) => 1 + hit.Hit.Record.Length / UsualRecord;

    /// <summary>Waits for the time at which the next group may end.</summary>
    private void Wait() => _timer.Disposable = _ends.TryPeek(out _, out var end) ? _clock.Schedule(end, End) : Disposable.Empty;

    private void End()
    {
        while (Close(_clock.Now) is { } rest)
        {
            _ended.OnNext(new Verdict([], rest));
        }
        Wait();
    }

    private Verdict MakeRoom(Verdict verdict)
    {
        var released = verdict.Released.ToList();
        while (IsCrowded && Close(DateTimeOffset.MaxValue) is { } rest)
        {
            released.AddRange(rest);
        }
        // Of groups that have just fired nothing is left out.
        return released.Count == verdict.Released.Count
            ? verdict
            : verdict with
            {
                Released = released,
                Crowd = $"more than {MaxHits} events of all groups are inside its timespan: the groups that have been quiet longest are left out",
            };
    }

    /// <summary>Ends the group that has been quiet longest, if it has until then. Returns what it leaves behind; null if there is none.</summary>
    private IReadOnlyList<WaitingHit>? Close(DateTimeOffset until)
    {
        while (_ends.TryPeek(out var key, out var end) && end <= until)
        {
            _ends.Dequeue();
            var group = _groups[key];
            if (group.End > end)
            {
                _ends.Enqueue(key, group.End);
                continue;
            }
            _groups.Remove(key);
            var rest = group.Window.Close();
            _size -= rest.Sum(SizeOf);
            return rest;
        }
        return null;
    }

    private sealed class Group(SlidingWindow window)
    {
        public SlidingWindow Window { get; } = window;

        public DateTimeOffset End { get; set; }
    }
}

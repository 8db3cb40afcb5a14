namespace Detector.Core.Detection.History;

/// <summary>
/// Which sightings count: hits come in the order of time, so a period's first comes first. That it was counted stays in the journal while others of its
/// period may come, so that a new process knows it too. Bounded: of too many those are forgotten whose period ends first, and if one is seen again it counts again.
/// </summary>
/// <param name="most">How many are known.</param>
internal sealed class Sightings(int most = Sightings.DefaultMost)
{
    /// <summary>Callers may choose by what they are counted, such as the names of their sessions. So many take some 25 MB.</summary>
    public const int DefaultMost = 50_000;

    private readonly Dictionary<Sighting, HitKey> _firsts = [];
    private readonly PriorityQueue<Sighting, DateTimeOffset> _ends = new();

    /// <summary>What a hit in the journal is for, if all that matters is that it was counted.</summary>
    public const string Counted = "counted";

    /// <summary>The name under which the journal keeps that a hit was counted.</summary>
    public static HitKey Mark(HitKey hit) => hit with { For = Counted };

    /// <summary>Whether nothing of the same rule, group and period was counted yet.</summary>
    public bool IsFirst(string rule, WaitingHit waiting, TimeSpan period)
    {
        var number = waiting.Time.UtcTicks / period.Ticks;
        var sighting = new Sighting(rule, waiting.Group, number);
        if (!_firsts.TryAdd(sighting, Mark(waiting.Key)))
        {
            return false;
        }
        // For as long again, a late one is still known.
        _ends.Enqueue(sighting, new DateTimeOffset(Math.Min((number + 2) * period.Ticks, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero));
        return true;
    }

    /// <summary>The marks of periods that have passed, and of those that are too many.</summary>
    public IEnumerable<HitKey> Expire(DateTimeOffset now)
    {
        while (_ends.TryPeek(out var sighting, out var end) && (end < now || _firsts.Count > most))
        {
            _ends.Dequeue();
            _firsts.Remove(sighting, out var key);
            yield return key;
        }
    }

    private readonly record struct Sighting(string Rule, string Group, long Period);
}

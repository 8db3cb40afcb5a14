using System.Globalization;
using Detector.Core.Detection.History;

namespace Detector.App.Vigil;

/// <summary>
/// What quiet is usual in this account: the longest pause between two arrivals of each of the last two weeks. Silence is twice the longest of them, at least
/// fifteen minutes and at most a day. Nothing is usual before a whole day was seen.
/// </summary>
internal sealed class UsualQuiet
{
    private const int Days = 14;
    private const string Entity = "detector arrivals";
    private const string Prefix = "longest pause:";

    private static readonly TimeSpan Least = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    private readonly SortedDictionary<DateOnly, TimeSpan> _longest = [];
    private DateTimeOffset? _since;

    /// <summary>Longer than this is silence; null while nothing is usual yet.</summary>
    public TimeSpan? Limit(DateTimeOffset now) =>
        _longest.Count == 0 || (_longest.Count == 1 && now - _since < TimeSpan.FromDays(1))
            ? null
            : TimeSpan.FromTicks(Math.Clamp(_longest.Values.Max().Ticks * 2, Least.Ticks, Most.Ticks));

    /// <summary>The longest pause that is known.</summary>
    public TimeSpan Longest => _longest.Count == 0 ? default : _longest.Values.Max();

    /// <summary>Something came after a pause.</summary>
    /// <returns>What is new to remember, or null.</returns>
    public LearnedFact? Learn(TimeSpan pause, DateTimeOffset now)
    {
        _since ??= now;
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        if (_longest.TryGetValue(day, out var known) && pause <= known)
            return null;
        Keep(day, pause);
        return new LearnedFact(
            Entity,
            Prefix + day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ((long)pause.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            now
        );
    }

    /// <summary>Takes back what was remembered; other facts are not its business.</summary>
    public void Restore(LearnedFact fact)
    {
        if (
            fact.Entity == Entity
            && fact.Name.StartsWith(Prefix, StringComparison.Ordinal)
            && DateOnly.TryParseExact(fact.Name[Prefix.Length..], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && long.TryParse(fact.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= TimeSpan.FromDays(365).TotalSeconds
        )
            Keep(day, TimeSpan.FromSeconds(seconds));
    }

    private void Keep(DateOnly day, TimeSpan pause)
    {
        _longest[day] = pause;
        foreach (var old in _longest.Keys.Where(known => known < _longest.Keys.Last().AddDays(1 - Days)).ToArray())
            _longest.Remove(old);
    }
}

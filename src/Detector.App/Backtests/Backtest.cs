using Detector.App.Replays;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App.Backtests;

/// <summary>What rules would have told of an archive, and what others would have.</summary>
internal sealed record Backtest
{
    /// <summary>What was read.</summary>
    public required ReplayStats Stats { get; init; }

    /// <summary>The days of the records that were judged; none if no record has a time.</summary>
    public required Period? Days { get; init; }

    /// <summary>The alerts of all rules.</summary>
    public required Volume Alerts { get; init; }

    /// <summary>Those of the rules that are compared with; null if none are.</summary>
    public required Volume? Before { get; init; }

    /// <summary>Every rule of either set that alerts by itself, in the order of names.</summary>
    public required IReadOnlyList<RuleBacktest> Rules { get; init; }

    /// <summary>Files and rules that are in neither set, each with its reason.</summary>
    public required IReadOnlyList<RuleError> Refused { get; init; }

    /// <summary>Alerts that are counted by rule, and not by actor or day, because there are too many of those.</summary>
    public required long Unsplit { get; init; }

    /// <summary>Whether two sets are compared.</summary>
    public bool Compares => Before is not null;

    /// <summary>Rules that tell something, or told something before.</summary>
    public IEnumerable<RuleBacktest> Telling => Rules.Where(rule => !rule.IsSilent);

    /// <summary>Rules that are other ones than before, or tell otherwise.</summary>
    public IEnumerable<RuleBacktest> Differing => Rules.Where(rule => rule.Differs);

    /// <summary>Rules that tell what they told before.</summary>
    public IEnumerable<RuleBacktest> Alike => Rules.Where(rule => !rule.Differs && !rule.IsSilent);

    /// <summary>Rules of the set in question that tell nothing.</summary>
    public IEnumerable<RuleBacktest> Silent => Rules.Where(rule => rule is { IsSilent: true, After: not null });
}

/// <summary>What one rule would have told.</summary>
internal sealed record RuleBacktest
{
    /// <summary>The rule; null if it is gone.</summary>
    public required Rule? After { get; init; }

    /// <summary>The rule of the same id, or else the same name, that it is compared with; null if it is new, or nothing is compared.</summary>
    public required Rule? Before { get; init; }

    /// <summary>Its alerts.</summary>
    public required Volume Alerts { get; init; }

    /// <summary>Its alerts before; none if nothing is compared.</summary>
    public required Volume AlertsBefore { get; init; }

    /// <summary>Who has the most alerts, in that order.</summary>
    public required IReadOnlyList<ActorVolume> Actors { get; init; }

    /// <summary>How many actors there are.</summary>
    public required int ActorCount { get; init; }

    /// <summary>How it is another rule than before; nothing if nothing is compared.</summary>
    public required RuleChange Change { get; init; }

    /// <summary>Events that it tells of only now.</summary>
    public required Difference OnlyAfter { get; init; }

    /// <summary>Events that it told of only before.</summary>
    public required Difference OnlyBefore { get; init; }

    /// <summary>What people call it.</summary>
    public string Label => (After ?? Before)!.Label;

    /// <summary>Its level, or both if it has another one now.</summary>
    public string Level => Change == RuleChange.Level ? $"{Before!.Level.Word()} → {After!.Level.Word()}" : (After ?? Before)!.Level.Word();

    /// <summary>Whether it tells nothing, and told nothing.</summary>
    public bool IsSilent => Alerts.Alerts == 0 && AlertsBefore.Alerts == 0;

    /// <summary>Whether it is another one than before, or tells otherwise.</summary>
    public bool Differs =>
        Change != RuleChange.None || OnlyAfter.Events > 0 || OnlyBefore.Events > 0 || (Before is not null && Alerts.Alerts != AlertsBefore.Alerts);
}

/// <summary>How a rule is another one than before.</summary>
internal enum RuleChange
{
    /// <summary>It alerts at the same level.</summary>
    None,

    /// <summary>It is only in the set in question, or alerts by itself only there.</summary>
    New,

    /// <summary>It is not in the set in question, or does not alert by itself there.</summary>
    Gone,

    /// <summary>It has another level.</summary>
    Level,
}

/// <summary>From a day to a day.</summary>
internal readonly record struct Period(DateOnly First, DateOnly Last)
{
    /// <summary>How many days.</summary>
    public int Count => Last.DayNumber - First.DayNumber + 1;
}

/// <summary>Alerts, and how they are spread over the days of a period, those without any included.</summary>
/// <param name="Alerts">How many.</param>
/// <param name="Least">On the quietest day.</param>
/// <param name="Median">On the day in the middle; between the two in the middle of an even number of days.</param>
/// <param name="Most">On the noisiest day.</param>
/// <param name="MostOn">The first such day; null if there was no alert.</param>
/// <param name="ByDay">Alerts of each day that has any, in the order of days.</param>
internal sealed record Volume(long Alerts, long Least, double Median, long Most, DateOnly? MostOn, IReadOnlyList<KeyValuePair<DateOnly, long>> ByDay)
{
    /// <summary>No alerts.</summary>
    public static Volume None { get; } = new(0, 0, 0, 0, null, []);

    /// <summary>Makes it of counts by day.</summary>
    public static Volume Of(long alerts, IEnumerable<KeyValuePair<DateOnly, long>> byDay, Period? period)
    {
        KeyValuePair<DateOnly, long>[] days = [.. byDay.OrderBy(day => day.Key)];
        if (days.Length == 0)
            return None with { Alerts = alerts };
        // An alert of a window that reaches beyond the period is on a day of its own.
        var all = Math.Max(period?.Count ?? 0, days.Length);
        long[] counts = [.. days.Select(day => day.Value).Order()];
        var noisiest = days.MaxBy(day => day.Value);
        return new Volume(alerts, At(0), (At((all - 1) / 2) + At(all / 2)) / 2.0, noisiest.Value, noisiest.Key, days);

        // The quiet days come first.
        long At(int place) => place < all - counts.Length ? 0 : counts[place - (all - counts.Length)];
    }
}

/// <summary>The alerts of an actor.</summary>
internal readonly record struct ActorVolume(string Actor, long Alerts, long Before);

/// <summary>Events that one set tells of, and the other does not.</summary>
/// <param name="Events">How many.</param>
/// <param name="Rows">By actor and day, the largest first.</param>
internal sealed record Difference(long Events, IReadOnlyList<DifferenceRow> Rows)
{
    public static Difference None { get; } = new(0, []);

    /// <summary>Those that no row tells.</summary>
    public long Rest => Events - Rows.Sum(row => row.Events);
}

/// <summary>Events of an actor on a day.</summary>
/// <param name="Actor">Who, by the alert.</param>
/// <param name="Day">When; null without a time.</param>
/// <param name="Events">How many.</param>
/// <param name="First">The first of them.</param>
internal sealed record DifferenceRow(string Actor, DateOnly? Day, long Events, AlertEvent First);

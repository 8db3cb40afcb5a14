using Detector.Core.Detection.Correlations;
using Detector.Core.Detection.History;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>Tells what came to a correlation, group by group, and how near each group came to its condition. For explanations, not for speed.</summary>
public static class NearestWindows
{
    // Every hit ends a window, and each window is looked at whole.
    private const int MostHits = 1_000;

    /// <summary>The groups, the nearest to the condition first; behind them, under no name, the hits that no group takes.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="rule">A correlation among them.</param>
    /// <param name="judgements">What stage 1 found by these rules.</param>
    public static IReadOnlyList<GroupWindow> Of(RuleSet rules, CorrelationRule rule, IReadOnlyList<Judgement> judgements)
    {
        var room = new WaitingRoom(rules, Memory.OfSessions(rules, judgements.SelectMany(judgement => judgement.Hits)));
        var coming = Coming(rules, judgements)
            .Where(hit => hit.Key.For == rule.Key)
            .DistinctBy(hit => hit.Key)
            .Select(hit => (Hit: hit, Waits: room.Admit(hit)))
            .ToList();
        var groups = coming
            .Select(one => one.Waits)
            .OfType<WaitingHit>()
            .GroupBy(hit => hit.Group, StringComparer.Ordinal)
            .Select(group => Nearest(rule, group));
        var without = coming
            .Where(one => one.Waits is null)
            .Select(one => new WindowHit(one.Hit.Key.Rule, one.Hit.Time, one.Hit.Origin, one.Hit.Index, null))
            .ToList();
        var ordered = groups
            .OrderByDescending(group => group.IsMet)
            .ThenByDescending(group => group.Reached)
            .ThenBy(group => group.Group, StringComparer.Ordinal);
        return without.Count == 0 ? [.. ordered] : [.. ordered, new GroupWindow(null, without, without.Count, double.NaN, IsMet: false, null)];
    }

    private static IEnumerable<JournaledHit> Coming(RuleSet rules, IReadOnlyList<Judgement> judgements)
    {
        var hits = judgements.SelectMany(judgement => judgement.Hits).DistinctBy(hit => (hit.Rule.Key, hit.Event)).ToList();
        var judgement = new Judgement(rules, 0, null, hits, []);
        using var detection = new DetectionPipeline(rules, TimeSpan.Zero, new EndOfTime());
        var journal = detection.ForJournal(judgement);
        var atOnce = detection.Take(judgement, journal, sentAt: null);
        var atTheEnd = detection.End(judgements.Max(one => one.Newest) ?? DateTimeOffset.MaxValue);
        return [.. journal, .. atOnce.Journal, .. atTheEnd.Journal];
    }

    private static GroupWindow Nearest(CorrelationRule rule, IEnumerable<WaitingHit> group)
    {
        var every = group.Order(WaitingHit.InOrder).ToList();
        var all = every[^Math.Min(every.Count, MostHits)..];
        var windows = Enumerable
            .Range(0, all.Count)
            .Select(end => (End: end, Start: all.FindIndex(first => all[end].Time - first.Time <= rule.Timespan)))
            .Select(range => all.GetRange(range.Start, range.End - range.Start + 1))
            .Select(window => Tallied(rule, window));
        var best = windows.OrderByDescending(window => window.IsMet).ThenByDescending(window => window.Reached).First();
        return new GroupWindow(
            best.Hits[0].Group,
            [.. best.Hits.Select(hit => new WindowHit(hit.Hit.Rule.Key, hit.Time, hit.Hit.Origin, hit.Hit.Index, hit.Value))],
            every.Count,
            best.Reached,
            best.IsMet,
            best.IsMet ? null : Wider(rule, all)
        );
    }

    private static (List<WaitingHit> Hits, double Reached, bool IsMet) Tallied(CorrelationRule rule, List<WaitingHit> window)
    {
        var tally = WindowTally.Of(rule);
        window.ForEach(tally.Add);
        return (window, tally.Reached, tally.IsMet);
    }

    /// <summary>The least timespan by which the condition would be met.</summary>
    private static TimeSpan? Wider(CorrelationRule rule, List<WaitingHit> all)
    {
        TimeSpan? least = null;
        var (start, tally) = (0, WindowTally.Of(rule));
        // What more hits unmeet has no least timespan that a search like this would find.
        for (var end = 0; end < all.Count && rule.Count.All(test => test.Operator is Comparison.Greater or Comparison.GreaterOrEqual); end++)
        {
            tally.Add(all[end]);
            while (start <= end && tally.IsMet)
            {
                var span = all[end].Time - all[start].Time;
                least = least < span ? least : span;
                tally.Remove(all[start++]);
            }
        }
        return least;
    }

    /// <summary>Behind every event that is real.</summary>
    private sealed class EndOfTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}

/// <summary>One group of a correlation, in the window in which it came nearest to the condition.</summary>
/// <param name="Group">The values that the hits share; null for hits that lack one, and so take no part.</param>
/// <param name="Hits">The hits of the window, in order.</param>
/// <param name="All">How many the group has altogether.</param>
/// <param name="Reached">The number that the condition is put to.</param>
/// <param name="IsMet">Whether that meets it.</param>
/// <param name="Wider">The least timespan by which the group would meet it; null if it does, or none would do.</param>
public sealed record GroupWindow(string? Group, IReadOnlyList<WindowHit> Hits, int All, double Reached, bool IsMet, TimeSpan? Wider);

/// <summary>A hit in a window.</summary>
/// <param name="Rule">The <see cref="Rule.Key"/> of the rule that matched.</param>
/// <param name="Time">The time of its event.</param>
/// <param name="Origin">Where the record lay.</param>
/// <param name="Index">Its place there.</param>
/// <param name="Value">What the correlation counts or adds; null if there is nothing.</param>
public sealed record WindowHit(string Rule, DateTimeOffset Time, string Origin, int Index, string? Value);

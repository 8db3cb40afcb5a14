using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>What every correlation does: it splits its hits into groups that end, and judges the windows of each.</summary>
internal static class Correlation
{
    /// <summary>
    /// Verdicts over the hits that wait for a correlation. A group ends when it has been quiet for as long as its window keeps hits; until then it starts afresh
    /// whenever it fires.
    /// </summary>
    public static IObservable<Verdict> Correlate(this IObservable<WaitingHit> hits, CorrelationRule rule, IScheduler clock)
    {
        var condition = WindowConditions.Of(rule);
        return hits.Where(hit => hit.For.Key == rule.Key)
            .GroupByUntil(hit => hit.Group, group => group.Throttle(SlidingWindow.Kept(rule.Timespan) + TimeSpan.FromTicks(1), clock))
            .SelectMany(group => group.JudgeWindows(new SlidingWindow(rule.Timespan), condition));
    }

    private static IObservable<Verdict> JudgeWindows(
        this IObservable<WaitingHit> group,
        SlidingWindow window,
        Func<IReadOnlyList<WaitingHit>, bool> condition
    ) =>
        group
            .Select(hit => window.Take(hit, condition))
            .Concat(Observable.Defer(() => Observable.Return(window.Close())))
            .Where(verdict => verdict.SaysSomething);
}

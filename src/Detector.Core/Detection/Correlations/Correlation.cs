using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>What every correlation shares: its hits, split into groups that end.</summary>
internal static class Correlation
{
    /// <summary>Splits hits by the values that they share and judges each group. A group ends when it has been quiet for as long as its window keeps hits.</summary>
    public static IObservable<Verdict> Correlate(this IObservable<WaitingHit> hits, CorrelationRule rule, IScheduler clock) =>
        hits.Where(hit => hit.Correlation.Key == rule.Key)
            .GroupByUntil(hit => hit.Group, group => group.Throttle(SlidingWindow.Kept(rule.Timespan) + TimeSpan.FromTicks(1), clock))
            .SelectMany(group => group.Judge(rule));

    private static IObservable<Verdict> Judge(this IObservable<WaitingHit> group, CorrelationRule rule) =>
        rule.Type switch
        {
            CorrelationType.EventCount => group.CountEvents(rule),
            _ => throw new ArgumentException($"no operator for {rule.Type}", nameof(rule)),
        };
}

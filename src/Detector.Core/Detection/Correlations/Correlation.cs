using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>What every correlation does: it splits its hits into groups that end, and judges the windows of each.</summary>
internal static class Correlation
{
    /// <summary>Verdicts over the hits that wait for a correlation: what each hit completes, and what a group leaves behind when it ends.</summary>
    public static IObservable<Verdict> Correlate(this IObservable<WaitingHit> hits, CorrelationRule rule, IScheduler clock) =>
        Observable.Using(
            () => new WindowGroups(rule, clock),
            groups => hits.Where(hit => hit.For.Key == rule.Key).Select(groups.Take).Merge(groups.Ended).Where(verdict => verdict.SaysSomething)
        );
}

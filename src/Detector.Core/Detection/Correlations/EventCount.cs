using System.Reactive.Linq;
using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>Correlation type <c>event_count</c>: enough events of a group within the timespan.</summary>
internal static class EventCount
{
    /// <summary>Judges one group's hits. After firing, the group starts afresh.</summary>
    public static IObservable<Verdict> CountEvents(this IObservable<WaitingHit> group, CorrelationRule rule) =>
        Observable.Defer(() =>
        {
            var window = new SlidingWindow(rule.Timespan);
            return group
                .Select(hit => window.Take(hit, hits => rule.Count.All(test => test.Holds(hits.Count))))
                .Concat(Observable.Defer(() => Observable.Return(window.Close())))
                .Where(verdict => verdict.SaysSomething);
        });
}

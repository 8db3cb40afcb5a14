using System.Security.Cryptography;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;

namespace Detector.Core;

/// <summary>
/// Judges events that are all at hand, by the same stages as live ones: stage 1 on many threads, then every hit in one timeline to its end. Differs from the
/// live path in that nothing is delivered: an alert lists every event that it stands for.
/// </summary>
/// <param name="rules">The rules to try.</param>
/// <param name="within">Records from outside are not judged.</param>
public sealed class Replay(RuleSet rules, TimeRange within = default)
{
    private readonly Judge _judge = new(rules, within);

    /// <summary>Stage 1. Safe to call from many threads.</summary>
    public Judgement Try(EventBatch batch) => _judge.Try(batch);

    /// <summary>What the judgements amount to. A record that is there more than once counts where it comes first in their order.</summary>
    public ReplayResult Conclude(IReadOnlyList<Judgement> judgements)
    {
        var all = judgements.SelectMany(judgement => judgement.Hits).ToList();
        var content = Contents(all);
        var hits = new Judgement(rules, 0, null, [.. all.DistinctBy(hit => (hit.Rule.Key, hit.Event, content(hit)))], []);
        using var detection = new DetectionPipeline(rules, TimeSpan.Zero, new EndOfTime());
        var atOnce = detection.Take(hits, detection.ForJournal(hits), sentAt: null);
        var atTheEnd = detection.End(judgements.Max(judgement => judgement.Newest) ?? DateTimeOffset.MaxValue);
        return new ReplayResult(
            [
                .. atOnce
                    .Findings.Concat(atTheEnd.Findings)
                    .Select(AlertMaker.Of)
                    .GroupBy(alert => alert.Id)
                    .Select(Join)
                    .OrderBy(alert => alert.Time ?? DateTimeOffset.MinValue)
                    .ThenBy(alert => alert.Id.Value, StringComparer.Ordinal),
            ],
            all.DistinctBy(hit => (hit.Origin, hit.Index)).Count() - all.DistinctBy(hit => (hit.Event, content(hit))).Count()
        );
    }

    /// <summary>
    /// What tells records of one identity apart. Archives hold a record delivered twice as the same content; made-up ones also give one eventID and time to
    /// different events, and then one alert stands for all of them.
    /// </summary>
    private static Func<Hit, string> Contents(List<Hit> all)
    {
        var repeated = all.DistinctBy(hit => (hit.Origin, hit.Index))
            .CountBy(hit => hit.Event)
            .Where(found => found.Value > 1)
            .Select(found => found.Key)
            .ToHashSet();
        return hit => repeated.Contains(hit.Event) ? Convert.ToHexString(SHA256.HashData(CanonicalJson.Write(hit.Record.Span))) : "";
    }

    /// <summary>Findings of one identity are one alert: of a rule that keeps repeats quiet, every event of the bucket.</summary>
    private static Alert Join(IEnumerable<Alert> same)
    {
        var alerts = same.OrderBy(alert => alert.Time).ToList();
        return alerts is [var only]
            ? only
            : alerts[^1] with
            {
                Late = alerts.Exists(alert => alert.Late),
                Events = [.. alerts.SelectMany(alert => alert.Events).DistinctBy(e => (e.File, e.Index)).OrderBy(e => e.EventTime)],
            };
    }

    /// <summary>Behind every event that is real, and so far from the calendar's end that no window overflows it.</summary>
    private sealed class EndOfTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}

/// <summary>What a replay found.</summary>
/// <param name="Alerts">In the order of their times, then of their ids.</param>
/// <param name="Duplicates">Records with hits that had been there before.</param>
public sealed record ReplayResult(IReadOnlyList<Alert> Alerts, int Duplicates);

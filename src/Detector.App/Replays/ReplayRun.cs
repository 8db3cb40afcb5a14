using System.Collections.Concurrent;
using System.Diagnostics;
using Detector.Adapters.Files;
using Detector.Core;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.App.Replays;

/// <summary>Replays files: one worker a core reads and judges them in any order, then all hits are concluded in the order of the files.</summary>
internal static class ReplayRun
{
    /// <summary>Replays; what cannot be read is told, and the rest is done.</summary>
    public static ReplayOutcome Run(ITrailArchive archive, RuleSet rules, TimeRange within, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var losses = new ConcurrentBag<Loss>();
        var files = archive.ListAsync(unread => losses.Add(new Loss(unread)), cancellation).ToBlockingEnumerable(cancellation).ToList();
        var replay = new Replay(rules, within);
        var judgements = new Judgement[files.Count];
        long bytesRead = 0,
            bytesJson = 0;
        Parallel.For(
            0,
            files.Count,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            number =>
            {
                using var file = TrailFile.Read(files[number], cancellation);
                using var batch = new EventBatch(file.Path, file.Content, Receipt.None);
                var judgement = replay.Try(batch);
                if (file.Problem is { } problem)
                    losses.Add(new Loss(problem));
                foreach (var rejected in judgement.Rejected)
                    losses.Add(new Loss(rejected));
                // The bytes of what was rejected are told by place: they need not be kept.
                judgements[number] = judgement with
                {
                    Rejected = [],
                };
                Interlocked.Add(ref bytesRead, file.BytesRead);
                Interlocked.Add(ref bytesJson, file.Content.Length);
            }
        );
        var result = replay.Conclude(judgements);
        var stats = new ReplayStats(
            files.Count,
            judgements.Sum(judgement => (long)judgement.Records),
            losses.Count(loss => loss.Record is not null),
            result.Duplicates,
            bytesRead,
            bytesJson,
            Stopwatch.GetElapsedTime(started),
            result.Alerts.Count
        );
        return new ReplayOutcome(result.Alerts, [.. losses.OrderBy(loss => loss.File, StringComparer.Ordinal).ThenBy(loss => loss.Offset)], stats);
    }
}

using System.Text;
using Detector.Adapters.Spills;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;

namespace Detector.Tests.Replays;

/// <summary>Hits go through stage 2 in parts, and through files if they are many: the alerts are those of all at once.</summary>
public sealed class ReplayTests : IDisposable
{
    private const string Log = "logsource: {product: aws, service: cloudtrail}\n";

    private static readonly RuleSet Rules = RuleSet.Compile(
        SigmaReader
            .Read(
                "rules.yml",
                $"title: Plain\nname: plain\n{Log}detection: {{s: {{eventName: [A, B]}}, condition: s}}\n---\n"
                    + $"title: Quiet\nname: quiet\n{Log}detection: {{s: {{eventName: B}}, condition: s}}\ndetector: {{suppress: {{by: [user], for: 10m}}}}\n---\n"
                    + $"title: Call\nname: call\n{Log}detection: {{s: {{eventName: C}}, condition: s}}\n---\n"
                    + "title: Burst\nname: burst\ncorrelation: {type: event_count, rules: [call], group-by: [user], timespan: 5m, condition: {gte: 3}}\n---\n"
                    + "title: Twice\nname: twice\ncorrelation: {type: event_count, rules: [burst], group-by: [user], timespan: 1h, condition: {gte: 2}, generate: true}\n"
            )
            .Rules
    );

    private readonly string _folder = Directory.CreateTempSubdirectory("replay-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Conclude_ThousandsOfHits_AlertsOfAllAtOnce(int seed)
    {
        var batches = Batches(seed, files: 40, records: 100);
        var replay = new Replay(Rules);
        var expected = AtOnce(batches);

        using var hits = new HitStore(Rules, _folder, budget: 10_000);
        using var alerts = new AlertStore(_folder, budget: 10_000);
        Parallel.ForEach(batches, batch => hits.Add(replay.Try(batch).Hits));
        var duplicates = replay.Conclude(hits.InOrder(), newest: null, alerts.Add);

        Assert.True(hits.HasSpilled && alerts.HasSpilled);
        Assert.Equal(expected.Alerts.Select(AlertJson.Write), alerts.InOrder().Select(AlertJson.Write));
        // It may be asked for again.
        Assert.Equal(alerts.Count, alerts.InOrder().Count());
        Assert.Equal(expected.Duplicates, duplicates);
        Assert.True(duplicates > 0);
        Assert.Equal(["Burst", "Plain", "Quiet", "Twice"], expected.Alerts.Select(alert => alert.Rule.Title).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Conclude_InParts_HoldsBackOnlyWhatMayGrow()
    {
        var replay = new Replay(Rules);
        var hits = Enumerable
            .Range(0, 5_000)
            .SelectMany(n => replay.Try(Batch($"f{n:D5}", Record("A", $"{n:D5}", n, "u"))).Hits)
            .Order(Replay.HitOrder)
            .ToList();
        var taken = 0;
        var waiting = 0;

        replay.Conclude(
            hits.Select(hit =>
            {
                Interlocked.Increment(ref taken);
                return hit;
            }),
            newest: null,
            _ => waiting = Math.Max(waiting, Interlocked.Decrement(ref taken) + 1)
        );

        Assert.InRange(waiting, 1, 1_100);
    }

    /// <summary>The slow way: one batch of all, in the order of names, and no chunk.</summary>
    private static ReplayResult AtOnce(IReadOnlyList<EventBatch> batches)
    {
        var replay = new Replay(Rules);
        var all = batches.OrderBy(batch => batch.Origin, StringComparer.Ordinal).SelectMany(batch => replay.Try(batch).Hits).ToList();
        var kept = all.DistinctBy(hit => (hit.Rule.Key, hit.Event)).ToList();
        using var detection = new DetectionPipeline(Rules, TimeSpan.Zero, new LongAfter());
        var judgement = new Judgement(Rules, 0, null, kept, []);
        var findings = detection.Take(judgement, detection.ForJournal(judgement), null).Findings.Concat(detection.Idle().Findings);
        var alerts = findings
            .Select(AlertMaker.Of)
            .GroupBy(alert => alert.Id)
            .Select(same =>
            {
                var inOrder = same.OrderBy(alert => alert.Time).ThenBy(alert => hitOrder(alert)).ToList();
                return inOrder[^1] with { Events = [.. inOrder.SelectMany(alert => alert.Events)] };
            });
        return new ReplayResult(
            [.. alerts.Order(Replay.AlertOrder)],
            all.DistinctBy(hit => (hit.Origin, hit.Index)).Count() - all.DistinctBy(hit => hit.Event).Count()
        );

        // Within one second, by identity.
        string hitOrder(Alert alert) => kept.First(hit => hit.Origin == alert.Events[0].File && hit.Index == alert.Events[0].Index).Event.Value;
    }

    private static List<EventBatch> Batches(int seed, int files, int records)
    {
        var random = new Random(seed);
        var number = 0;
        return
        [
            .. Enumerable
                .Range(0, files)
                .Select(file =>
                    Batch(
                        $"file {random.Next()}",
                        [
                            .. Enumerable
                                .Range(0, records)
                                .Select(_ =>
                                {
                                    // One in ten was there before, as the very same.
                                    var n = random.Next(10) == 0 ? random.Next(number + 1) : number++;
                                    var own = new Random(n);
                                    return Record("ABCCCD"[own.Next(6)].ToString(), $"{n}", own.Next(20_000), $"u{own.Next(20)}");
                                }),
                        ]
                    )
                ),
        ];
    }

    private static string Record(string name, string id, int second, string user) =>
        $$"""{"eventID":"{{id}}","eventName":"{{name}}","eventTime":"{{DateTimeOffset.UnixEpoch.AddSeconds(second):yyyy-MM-dd'T'HH:mm:ss'Z'}}","user":"{{user}}"}""";

    private static EventBatch Batch(string origin, params string[] records) =>
        new(origin, Encoding.UTF8.GetBytes($"[{string.Join(',', records)}]"), Receipt.None);

    private sealed class LongAfter : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}

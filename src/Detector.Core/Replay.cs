using System.Security.Cryptography;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
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
/// <param name="places">Records from elsewhere are not judged; null for all.</param>
/// <param name="known">What is known of the time before the records.</param>
/// <param name="evidence">How many of the records behind it an alert brings along.</param>
/// <param name="clock">
/// Tells what has not happened yet: time ends at the end of <paramref name="within"/>, else at the newest event, and an end in the future is now.
/// </param>
/// <param name="prospects">
/// Counts every hit that is found, if it is there; then those that cannot come to anything are not concluded, which takes less time.
/// </param>
public sealed class Replay(
    RuleSet rules,
    TimeRange within = default,
    PlaceScope? places = null,
    IReadOnlyList<LearnedFact>? known = null,
    int evidence = 0,
    TimeProvider? clock = null,
    Prospects? prospects = null
)
{
    // So many hits go through stage 2 at once. Their records are in memory, and those of some chunks more.
    private const int ChunkHits = 128;
    private const int ChunkBytes = 512 * 1024;
    private const int ChunksAhead = 1;

    private readonly Judge _judge = new(rules, within, places, prospects: prospects);

    /// <summary>The order in which <see cref="Conclude(IEnumerable{Hit}, DateTimeOffset?, Action{Alert}, Action{Alert})"/> wants hits: by time, then by event, then by place.</summary>
    public static IComparer<Hit> HitOrder { get; } = Comparer<Hit>.Create(Compare);

    /// <summary>The order in which alerts are shown: by time, then by id.</summary>
    public static IComparer<Alert> AlertOrder { get; } = Comparer<Alert>.Create(Compare);

    /// <summary>Stage 1. Safe to call from many threads.</summary>
    public Judgement Try(EventBatch batch) => _judge.Try(batch);

    /// <summary>
    /// Stage 1 on a window of a large content: see
    /// <see cref="Judge.Try(string, ReadOnlySpan{byte}, bool, ref ReadPosition, IRecordWitness?, Action{IReadOnlyList{Hit}}?)"/>.
    /// </summary>
    public Judgement Try(
        string origin,
        ReadOnlySpan<byte> window,
        bool isLast,
        ref ReadPosition position,
        IRecordWitness? witness = null,
        Action<IReadOnlyList<Hit>>? take = null
    ) => _judge.Try(origin, window, isLast, ref position, witness, take);

    /// <summary>What the judgements amount to, if their hits fit into memory.</summary>
    public ReplayResult Conclude(IEnumerable<Judgement> judgements)
    {
        var alerts = new List<Alert>();
        var all = judgements.ToList();
        var newest = all.Max(judgement => judgement.Newest);
        var duplicates = Conclude(all.SelectMany(judgement => judgement.Hits).Order(HitOrder), newest, alerts.Add);
        alerts.Sort(AlertOrder);
        return new ReplayResult(alerts, duplicates);
    }

    /// <summary>
    /// What hits amount to. Takes them one by one and keeps only those that a window may need, so there may be any number of them. A record that is there more
    /// than once counts where it comes first by the names of what holds it.
    /// </summary>
    /// <param name="hits">Every hit of the replay, in <see cref="HitOrder"/>.</param>
    /// <param name="newest">The time of the newest event, of which nothing may have hit.</param>
    /// <param name="tell">Gets each alert when it is complete, in no order.</param>
    /// <param name="hide">Gets each that a suppression hides; nobody if null.</param>
    /// <returns>Records with hits that had been there before.</returns>
    public long Conclude(IEnumerable<Hit> hits, DateTimeOffset? newest, Action<Alert> tell, Action<Alert>? hide = null)
    {
        var first = new FirstOfTheirKind();
        using var detection = new DetectionPipeline(rules, TimeSpan.Zero, new EndOfTime());
        foreach (var fact in known ?? [])
        {
            detection.Restore(fact);
        }
        var open = new OpenAlerts(alert => (alert.HiddenBy is null ? tell : hide)?.Invoke(alert), evidence);
        // While alerts are made, the next hits are correlated, and the ones behind them read and asked for what puts them into groups.
        foreach (var (outcome, watermark) in Detect(Chunks(hits, first).WorkedOutAhead(ChunksAhead), detection, newest).WorkedOutAhead(ChunksAhead))
        {
            open.Add(outcome);
            open.Close(watermark);
        }
        return first.Repeated;
    }

    /// <summary>Stage 2 chunk by chunk: what comes of it, and up to where time has passed; null at the end.</summary>
    private IEnumerable<(Outcome Outcome, DateTimeOffset? Watermark)> Detect(IEnumerable<Chunk> chunks, DetectionPipeline detection, DateTimeOffset? newest)
    {
        foreach (var chunk in chunks)
        {
            yield return (detection.TakeAdmitted(chunk.Judgement, chunk.Waiting, sentAt: null), detection.Watermark);
            // No ledger keeps what the archive has taught.
            detection.TakeHistory();
        }
        yield return (detection.End(EndOf(newest)), null);
    }

    /// <summary>Up to where the silence of events means that there were none.</summary>
    private DateTimeOffset EndOf(DateTimeOffset? newest)
    {
        var last = newest ?? DateTimeOffset.MinValue;
        if (within.To is not { } end)
        {
            return last;
        }
        if (clock?.GetUtcNow() is { } now && end > now)
        {
            end = now;
        }
        return end > last ? end : last;
    }

    private IEnumerable<Chunk> Chunks(IEnumerable<Hit> hits, FirstOfTheirKind first)
    {
        var room = new WaitingRoom(rules);
        var chunk = new List<Hit>(ChunkHits);
        long bytes = 0;
        foreach (var hit in hits.Where(hit => first.IsNew(hit) && prospects?.MayCount(hit) != false))
        {
            chunk.Add(hit);
            bytes += hit.Record.Length;
            if (chunk.Count == ChunkHits || bytes > ChunkBytes)
            {
                yield return Of(chunk);
                chunk.Clear();
                bytes = 0;
            }
        }
        if (chunk.Count > 0)
        {
            yield return Of(chunk);
        }

        Chunk Of(IEnumerable<Hit> some)
        {
            Hit[] all = [.. some];
            return new Chunk(
                new Judgement(rules, 0, all[^1].Time, all, []),
                [.. from made in all from hit in WaitingRoom.Announce(rules, made) select (hit, room.Admit(hit, made))]
            );
        }
    }

    /// <summary>Hits that go through stage 2 at once, and what waits for them.</summary>
    private sealed record Chunk(Judgement Judgement, IReadOnlyList<(JournaledHit Hit, WaitingHit? Admitted)> Waiting);

    private static int Compare(Hit a, Hit b)
    {
        var order = Nullable.Compare(a.Time, b.Time);
        order = order != 0 ? order : string.CompareOrdinal(a.Event.Value, b.Event.Value);
        order = order != 0 ? order : string.CompareOrdinal(a.Origin, b.Origin);
        order = order != 0 ? order : a.Index.CompareTo(b.Index);
        return order != 0 ? order : string.CompareOrdinal(a.Rule.Key, b.Rule.Key);
    }

    private static int Compare(Alert a, Alert b)
    {
        var order = Nullable.Compare(a.Time, b.Time);
        return order != 0 ? order : string.CompareOrdinal(a.Id.Value, b.Id.Value);
    }

    /// <summary>
    /// Tells hits of records that had been there before from the rest. Archives hold a record delivered twice as the same content; made-up ones also give one
    /// eventID and time to different events, and then one alert stands for all of them. In order, the hits of one identity follow each other.
    /// </summary>
    private sealed class FirstOfTheirKind
    {
        private readonly HashSet<string> _contents = new(StringComparer.Ordinal);
        private Hit? _last;
        private bool _isNew;
        private bool _isCounted;

        /// <summary>Records that were not the first of their kind.</summary>
        public long Repeated { get; private set; }

        public bool IsNew(Hit hit)
        {
            if (_last?.Event != hit.Event)
            {
                _contents.Clear();
                _isNew = true;
            }
            else if (_last.Index != hit.Index || _last.Origin != hit.Origin)
            {
                // Another record, of which only few have a namesake: only now the contents matter.
                if (_contents.Count == 0)
                {
                    _contents.Add(Content(_last));
                }
                _isNew = _contents.Add(Content(hit));
            }
            if (_last?.Index != hit.Index || _last.Origin != hit.Origin)
            {
                _isCounted = false;
            }
            if (!_isNew && !_isCounted && hit.Rule is DetectionRule { Sighting: null, Teaches: Rules.Fields.Lessons.None })
            {
                _isCounted = true;
                Repeated++;
            }
            _last = hit;
            return _isNew;
        }

        private static string Content(Hit hit) => Convert.ToHexString(SHA256.HashData(CanonicalJson.Write(hit.Record.Span)));
    }

    /// <summary>Alerts to which findings may still be added: findings of one identity are one alert, of a rule that keeps repeats quiet every event of the bucket.</summary>
    private sealed class OpenAlerts(Action<Alert> tell, int evidence)
    {
        private readonly Dictionary<AlertId, List<Alert>> _open = [];
        private readonly PriorityQueue<AlertId, DateTimeOffset> _ends = new();

        public void Add(Outcome outcome)
        {
            foreach (var finding in outcome.Findings)
            {
                var alert = AlertMaker.Of(finding);
                if (evidence > 0)
                    alert = alert with { Evidence = [.. finding.Hits.Reverse().Take(evidence).Select(hit => hit.Record)] };
                if (_open.TryGetValue(alert.Id, out var same))
                {
                    same.Add(alert);
                    continue;
                }
                _open.Add(alert.Id, [alert]);
                _ends.Enqueue(alert.Id, End(finding));
            }
        }

        /// <summary>Tells the alerts that end before a time, or all.</summary>
        public void Close(DateTimeOffset? time = null)
        {
            while (_ends.TryPeek(out var id, out var end) && !(end >= time))
            {
                _ends.Dequeue();
                _open.Remove(id, out var same);
                tell(Join(same!));
            }
        }

        /// <summary>The time of the last event that can belong to the finding's alert.</summary>
        private static DateTimeOffset End(Finding finding)
        {
            if (finding.Newest is not { Time: { } time } newest)
            {
                return DateTimeOffset.MinValue;
            }
            if (finding.Rule is not DetectionRule || newest.Rule is not DetectionRule { Suppression.Period.Ticks: var period })
            {
                return time;
            }
            var end = time.UtcTicks / period * period + (period - 1);
            return end < EndOfTime.Ticks ? new DateTimeOffset(end, TimeSpan.Zero) : EndOfTime.Now;
        }

        private static Alert Join(List<Alert> same) =>
            same is [var only]
                ? only
                : same.OrderBy(alert => alert.Time).Last() with
                {
                    Late = same.Exists(alert => alert.Late),
                    Events =
                    [
                        .. same.OrderBy(alert => alert.Time).SelectMany(alert => alert.Events).DistinctBy(e => (e.File, e.Index)).OrderBy(e => e.EventTime),
                    ],
                };
    }

    /// <summary>Behind every event that is real, and so far from the calendar's end that no window overflows it.</summary>
    private sealed class EndOfTime : TimeProvider
    {
        public static DateTimeOffset Now { get; } = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public static long Ticks => Now.UtcTicks;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

/// <summary>What a replay found.</summary>
/// <param name="Alerts">In the order of their times, then of their ids.</param>
/// <param name="Duplicates">Records with hits that had been there before.</param>
public sealed record ReplayResult(IReadOnlyList<Alert> Alerts, long Duplicates);

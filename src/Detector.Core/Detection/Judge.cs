using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>
/// Stage 1: reads a batch's records and tries the rules on them. Keeps nothing of a record that no rule wants. Safe to call from many threads.
/// </summary>
/// <param name="rules">The rules that are tried.</param>
/// <param name="within">Records from outside are read and not tried.</param>
/// <param name="places">Records from elsewhere are read and not tried; null for all.</param>
/// <param name="calls">Is told of every record that is tried; null if nobody asks for calls.</param>
/// <param name="costs">Learns what rules cost; null if nobody asks.</param>
/// <param name="prospects">Counts the hits, and leaves those out that were taken for the beginning of a session and begin none; null if nobody asks.</param>
public sealed class Judge(
    RuleSet rules,
    TimeRange within = default,
    PlaceScope? places = null,
    RecentCalls? calls = null,
    RuleCosts? costs = null,
    Prospects? prospects = null
)
{
    private volatile Bench _bench = new(rules);

    /// <summary>The rules that are tried.</summary>
    public RuleSet Rules => _bench.Rules;

    /// <summary>Exchanges the rules; a batch that is being tried finishes with the rules that it began with.</summary>
    public void Replace(RuleSet rules) => _bench = new Bench(rules);

    /// <summary>What a batch holds. Never throws on what is in it.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="witness">Is shown every record that is tried, if there is one.</param>
    public Judgement Try(EventBatch batch, IRecordWitness? witness = null)
    {
        var position = default(ReadPosition);
        var judgement = Try(batch.Origin, batch.Content.Span, isLast: true, ref position, witness);
        return batch.SentAt is { } sentAt && judgement.Hits.Count > 0 ? SentAt(sentAt, judgement) : judgement;
    }

    /// <remarks>In a method of its own, because what the query captures is allocated where a method begins.</remarks>
    private static Judgement SentAt(DateTimeOffset time, Judgement judgement) =>
        judgement with
        {
            Hits = [.. judgement.Hits.Select(hit => hit with { SentAt = time })],
        };

    /// <summary>What a window of a content holds that is too large for memory. Never throws on what is in it.</summary>
    /// <param name="origin">Where the content comes from.</param>
    /// <param name="window">Its bytes from <paramref name="position"/> on.</param>
    /// <param name="isLast">Whether nothing follows.</param>
    /// <param name="position">Where the window begins; afterwards, where the next one has to.</param>
    /// <param name="witness">Is shown every record that is tried, if there is one.</param>
    /// <param name="take">
    /// Takes the hits of each record, if it is there, in place of the judgement. Their record is good until it returns: what it needs for longer it has to copy.
    /// </param>
    public Judgement Try(
        string origin,
        ReadOnlySpan<byte> window,
        bool isLast,
        ref ReadPosition position,
        IRecordWitness? witness = null,
        Action<IReadOnlyList<Hit>>? take = null
    )
    {
        var bench = _bench;
        Worker? worker;
        lock (bench.Idle)
        {
            if (!bench.Idle.TryPop(out worker))
            {
                worker = new Worker(new RuleMatcher(bench.Rules, costs), within, new PlaceFilter(places ?? PlaceScope.All), calls?.Open(), prospects?.Open());
            }
        }
        var judgement = worker.Try(origin, window, isLast, ref position, witness, take);
        lock (bench.Idle)
        {
            bench.Idle.Push(worker);
        }
        return judgement;
    }

    /// <summary>A rule set and the workers that try it.</summary>
    private sealed record Bench(RuleSet Rules)
    {
        public Stack<Worker> Idle { get; } = [];
    }

    /// <summary>What one thread needs to match.</summary>
    private sealed class Worker(RuleMatcher matcher, TimeRange within, PlaceFilter places, RecentCalls.Feed? calls, Prospects.Counter? counter)
    {
        private readonly SightingFilter _sightings = new(matcher.Rules);
        private readonly FieldTable _fields = new();
        private readonly List<Hit> _ofRecord = [];
        private byte[] _record = [];
        private Shown? _shown; // what the last witness wanted

        public Judgement Try(
            string origin,
            ReadOnlySpan<byte> window,
            bool isLast,
            ref ReadPosition position,
            IRecordWitness? witness,
            Action<IReadOnlyList<Hit>>? take
        )
        {
            var records = 0;
            DateTimeOffset? newest = null;
            DateTimeOffset? oldest = null;
            List<Hit>? hits = null;
            List<Rejected>? rejected = null;
            var shown = witness is null ? null : ShownTo(witness);
            using var reader = new RecordReader(window, isLast, position, shown?.Selection ?? matcher.Rules.Selection, _fields);
            while (reader.Read(out var record) is var result and not (ReadResult.End or ReadResult.NeedsMore))
            {
                if (result == ReadResult.Unreadable)
                {
                    var problem = reader.Problem;
                    (rejected ??= []).Add(new Rejected(origin, problem.Index, problem.Offset, problem.Reason, problem.Content));
                    continue;
                }
                records++;
                var time = record.EventTime;
                if (!within.Contains(time) || !places.Holds(record))
                {
                    continue;
                }
                witness?.See(origin, record, shown!.Numbers);
                calls?.Add(record);
                if (time is not null && (newest is null || time > newest))
                {
                    newest = time;
                }
                if (time is not null && (oldest is null || time < oldest))
                {
                    oldest = time;
                }
                _sightings.NextRecord(time);
                var matches = matcher.Match(record, _sightings);
                if (matches.Count == 0)
                {
                    continue;
                }
                if (!TrySound(record, out var sound, out var reason))
                {
                    (rejected ??= []).Add(new Rejected(origin, record.Index, record.Offset, reason, record.Json.ToArray()));
                    continue;
                }
                if (take is null)
                {
                    Add(origin, record, sound.ToArray(), matches, hits ??= []);
                    continue;
                }
                _ofRecord.Clear();
                Add(origin, record, Lent(sound), matches, _ofRecord);
                take(_ofRecord);
            }
            position = reader.Position;
            return new Judgement(
                matcher.Rules,
                records,
                newest,
                (IReadOnlyList<Hit>?)hits ?? [],
                (IReadOnlyList<Rejected>?)rejected ?? [],
                reader.Foreign,
                oldest
            );
        }

        /// <summary>What rules want of every record keeps its numbers, and what the witness wants comes behind.</summary>
        private Shown ShownTo(IRecordWitness witness)
        {
            if (_shown is null || !ReferenceEquals(_shown.Fields, witness.Fields))
            {
                var selection = matcher.Rules.Selection.And(witness.Fields);
                _shown = new Shown(witness.Fields, selection, [.. witness.Fields.Select(field => selection.Fields.Numbers[field])]);
            }
            return _shown;
        }

        /// <summary>
        /// A record that is kept is checked whole: the scan that found it trusts brackets and quotes alone. Half a surrogate pair, which readers of JSON refuse, is
        /// replaced: a caller who gets one into a name must not keep an alert away by it.
        /// </summary>
        private static bool TrySound(in CloudTrailEvent record, out ReadOnlySpan<byte> sound, out string reason)
        {
            sound = record.Json;
            if (JsonText.IsValid(sound, out reason) || (JsonText.WithoutHalfPairs(sound) is { } whole && JsonText.IsValid(sound = whole, out reason)))
            {
                return true;
            }
            reason = $"a rule matches, but the record is not JSON: {reason}";
            return false;
        }

        private void Add(string origin, in CloudTrailEvent record, ReadOnlyMemory<byte> copy, IReadOnlyList<DetectionRule> matches, List<Hit> hits)
        {
            var identity = EventIdentity.Of(record);
            var time = record.EventTime;
            var fields = counter is null ? default : matcher.Fields(record, counter.NeedsMoreFields(matches));
            ReadOnlyMemory<int>? groups = null;
            counter?.Turn(fields);
            foreach (var rule in matches)
            {
                if (counter is null || counter.Count(rule, time, fields, out groups))
                {
                    hits.Add(new Hit(rule, identity, time, copy, origin, record.Index) { Groups = groups });
                }
            }
        }

        /// <summary>What is taken of every record for a witness's sake, too.</summary>
        private sealed record Shown(IReadOnlyList<string> Fields, RecordSelection Selection, int[] Numbers);

        /// <summary>A copy that is good until the next one is made.</summary>
        private ReadOnlyMemory<byte> Lent(ReadOnlySpan<byte> record)
        {
            if (_record.Length < record.Length)
            {
                _record = new byte[Math.Max(record.Length, 2 * _record.Length)];
            }
            record.CopyTo(_record);
            return _record.AsMemory(0, record.Length);
        }
    }
}

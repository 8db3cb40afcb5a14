using System.Collections.Concurrent;
using Detector.Core.Events;
using Detector.Core.Events.Json;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>
/// Stage 1: reads a batch's records and tries the rules on them. Keeps nothing of a record that no rule wants. Safe to call from many threads.
/// </summary>
public sealed class Judge(RuleSet rules)
{
    private readonly ConcurrentBag<Worker> _workers = [];

    /// <summary>The rules that are tried.</summary>
    public RuleSet Rules { get; } = rules;

    /// <summary>What a batch holds. Never throws on what is in it.</summary>
    public Judgement Try(EventBatch batch)
    {
        var worker = _workers.TryTake(out var idle) ? idle : new Worker(Rules);
        var judgement = worker.Try(batch);
        _workers.Add(worker);
        return judgement;
    }

    /// <summary>What one thread needs to match.</summary>
    private sealed class Worker(RuleSet rules)
    {
        private readonly RuleMatcher _matcher = new(rules);
        private readonly FieldTable _fields = new();

        public Judgement Try(EventBatch batch)
        {
            var judgement = new Judgement();
            using var reader = new RecordReader(batch.Content.Span, rules.Selection, _fields);
            while (reader.Read(out var record) is var result && result != ReadResult.End)
            {
                if (result == ReadResult.Unreadable)
                {
                    var problem = reader.Problem;
                    judgement.Reject(new Rejected(batch.Origin, problem.Index, problem.Offset, problem.Reason, problem.Content));
                    continue;
                }
                judgement.Count(record);
                var matches = _matcher.Match(record);
                if (matches.Count > 0)
                {
                    Keep(batch, record, matches, judgement);
                }
            }
            return judgement;
        }

        /// <summary>A record that is kept is checked whole: the scan that found it trusts brackets and quotes alone.</summary>
        private static void Keep(EventBatch batch, in CloudTrailEvent record, IReadOnlyList<DetectionRule> matches, Judgement judgement)
        {
            var copy = record.Json.ToArray();
            if (!JsonText.IsValid(copy, out var reason))
            {
                judgement.Reject(new Rejected(batch.Origin, record.Index, 0, $"a rule matches, but the record is not JSON: {reason}", copy));
                return;
            }
            var identity = EventIdentity.Of(record);
            foreach (var rule in matches)
            {
                judgement.Keep(new Hit(rule, identity, record.EventTime, copy, batch.Origin, record.Index));
            }
        }
    }
}

using System.Globalization;
using Detector.Core.Detection;
using Detector.Core.Detection.Correlations;
using Detector.Core.Events;
using Detector.Core.Rules;
using FsCheck.Fluent;

namespace Detector.Tests.Detection;

/// <summary>A window that is kept up while it slides says what one says that is looked through whole with every hit.</summary>
public sealed class SlidingWindowTests
{
    [Theory]
    [InlineData("type: event_count, rules: [a], timespan: 10s, condition: {gte: 5}")]
    [InlineData("type: event_count, rules: [a, b], timespan: 10s, condition: {gt: 4}")]
    [InlineData("type: event_count, rules: [a, b, c], timespan: 5s, condition: {eq: 3}")]
    [InlineData("type: value_count, rules: [a, b], timespan: 10s, condition: {field: value, gte: 4}")]
    [InlineData("type: value_count, rules: [a, b], timespan: 10s, condition: {field: value, gte: 2, lt: 4}")]
    [InlineData("type: temporal, rules: [a, b, c], timespan: 2s")]
    [InlineData("type: temporal, rules: [a, b, c, d], timespan: 3s, condition: {gte: 3}")]
    [InlineData("type: temporal_ordered, rules: [a, b, c], timespan: 5s")]
    [InlineData("type: temporal_ordered, rules: [a, b, a, a], timespan: 10s")]
    [InlineData("type: temporal_ordered, rules: [a, b, c, d], timespan: 10s, condition: {gte: 3}")]
    [InlineData("type: value_sum, rules: [a, b], timespan: 10s, condition: {field: value, gte: 9}")]
    [InlineData("type: value_avg, rules: [a, b], timespan: 10s, condition: {field: value, lt: 1}")]
    [InlineData("type: value_percentile, rules: [a, b], timespan: 10s, condition: {field: value, percentile: 80, gte: 2.5}")]
    public void Take_HitsInOrderAndLate_AsIfEachWindowWereLookedThrough(string correlation)
    {
        var rules = Stage.Rules(("c", correlation));
        var rule = rules.Correlations[0];
        Property.Holds(
            from numbers in Gen.Choose(0, int.MaxValue - 1).ArrayOf(60)
            from disorder in Gen.Choose(0, 30)
            from most in Gen.Choose(4, 60)
            select (numbers, disorder, most),
            story =>
            {
                var window = new SlidingWindow(rule, story.most);
                var obvious = new Obvious(rule, story.most);
                foreach (var hit in Hits(rules, rule, story.numbers, story.disorder))
                {
                    var expected = obvious.Take(hit);

                    var verdict = window.Take(hit);

                    Assert.Equal(expected.Fired, verdict.Fired);
                    Assert.Equal(expected.Released, verdict.Released);
                }
                Assert.Equal(obvious.Hits, window.Close());
            },
            300
        );
    }

    [Fact]
    public void Take_OneCallerWithoutEnd_CostsNoMoreTheMoreItHasDone()
    {
        var rules = Stage.Rules(("c", "type: value_count, rules: [a], timespan: 1d, condition: {field: value, gte: 10}"));
        var window = new SlidingWindow(rules.Correlations[0]);
        var hits = Enumerable.Range(0, CorrelationRule.MostHits * 2).Select(n => Hit(rules, "a", n, n, $"{n % 9}")).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        foreach (var hit in hits)
        {
            Assert.Empty(window.Take(hit).Fired);
        }

        // To look at the whole window once would take as many bytes as it has hits.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / hits.Length, 0, CorrelationRule.MostHits / 10);
    }

    /// <summary>Each number tells of a hit's rule, its time, and its value; mostly they come in order, and some are of the same time or event as others.</summary>
    private static IEnumerable<WaitingHit> Hits(RuleSet rules, CorrelationRule rule, int[] numbers, int disorder)
    {
        var now = 100;
        var seen = new HashSet<HitKey>();
        foreach (var (place, number) in numbers.Index())
        {
            now += number / 7 % 3;
            var time = number % 100 < disorder ? now - number / 11 % 40 : now;
            var value = (number / 13 % 6) switch
            {
                5 => null,
                4 => "many",
                var digit => $"{digit}",
            };
            var hit = Hit(rules, rule.Rules[number / 17 % rule.Rules.Count], place - number / 19 % 2, time, value);
            // What comes twice is known before it comes to a window.
            if (seen.Add(hit.Key))
            {
                yield return hit;
            }
        }
    }

    private static WaitingHit Hit(RuleSet rules, string rule, int number, int seconds, string? value)
    {
        var time = Stage.Start.AddSeconds(seconds);
        var of = rules.Detections.Single(one => one.Key == rule || one.Name == rule);
        var hit = new Hit(of, new EventIdentity($"e{number:00000}"), time, ReadOnlyMemory<byte>.Empty, "", number);
        return new WaitingHit(rules.Correlations[0], hit, "", value, time);
    }

    /// <summary>Looks through every window whole.</summary>
    private sealed class Obvious(CorrelationRule rule, int most)
    {
        public List<WaitingHit> Hits { get; } = [];

        public (IReadOnlyList<WaitingHit> Fired, IReadOnlyList<WaitingHit> Released) Take(WaitingHit hit)
        {
            Hits.Add(hit);
            Hits.Sort(WaitingHit.InOrder);
            foreach (var end in Hits.Where(end => end.Time >= hit.Time && end.Time - hit.Time <= rule.Timespan).ToArray())
            {
                if (WaitingHit.InOrder.Compare(end, hit) < 0)
                {
                    continue;
                }
                var released = Hits.Where(one => WaitingHit.InOrder.Compare(one, end) <= 0).ToList();
                var window = released.Where(one => end.Time - one.Time <= rule.Timespan).ToList();
                if (IsMet(window))
                {
                    Hits.RemoveAll(released.Contains);
                    return (window, released);
                }
            }
            var expired = Hits.Where(one => Hits[^1].Time - one.Time > rule.Timespan * 2).ToList();
            Hits.RemoveAll(expired.Contains);
            if (Hits.Count > most)
            {
                expired.Add(Hits[0]);
                Hits.RemoveAt(0);
            }
            return ([], expired);
        }

        private bool IsMet(List<WaitingHit> window)
        {
            var reached = Reached(window);
            return reached is { } number && (rule.Count.Count > 0 ? rule.Count.All(test => test.Holds(number)) : Math.Abs(number - Wanted) < 0.5);
        }

        private int Wanted => rule.Type == CorrelationType.Temporal ? rule.Rules.Distinct(StringComparer.Ordinal).Count() : rule.Rules.Count;

        private double? Reached(List<WaitingHit> window)
        {
            var numbers = window
                .Select(hit => double.TryParse(hit.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : (double?)null)
                .OfType<double>()
                .Order()
                .ToList();
            return rule.Type switch
            {
                CorrelationType.EventCount => window.DistinctBy(hit => hit.Hit.Event).Count(),
                CorrelationType.ValueCount => window.Select(hit => hit.Value).OfType<string>().Distinct(StringComparer.Ordinal).Count(),
                CorrelationType.Temporal => window.DistinctBy(hit => hit.Hit.Rule.Key).Count(),
                CorrelationType.TemporalOrdered => InOrder(window),
                _ when numbers.Count == 0 => null,
                CorrelationType.ValueSum => numbers.Sum(),
                CorrelationType.ValueAverage => numbers.Average(),
                _ => Percentile(numbers),
            };
        }

        private int InOrder(List<WaitingHit> window)
        {
            var used = new List<WaitingHit>();
            foreach (var key in rule.Rules)
            {
                var next = window.Find(hit => hit.Hit.Rule.Key == key && !used.Contains(hit) && used.TrueForAll(before => before.Time <= hit.Time));
                if (next is null)
                {
                    break;
                }
                used.Add(next);
            }
            return used.Count;
        }

        private double Percentile(List<double> numbers)
        {
            var rank = rule.Percentile / 100 * (numbers.Count - 1);
            var (below, above) = (numbers[(int)Math.Floor(rank)], numbers[(int)Math.Ceiling(rank)]);
            return below + (above - below) * (rank % 1);
        }
    }
}

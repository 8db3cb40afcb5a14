using System.Collections.Concurrent;

namespace Detector.Core.Rules;

/// <summary>
/// What the rules' conditions cost, estimated: of the records that have candidates, each thread times one in <see cref="Every"/>, and each of them stands for so
/// many. What rules share (a field, what a policy allows) is on the account of the first that asks. Safe to call from many threads.
/// </summary>
/// <param name="time">The clock that times are taken from.</param>
public sealed class RuleCosts(TimeProvider time)
{
    /// <summary>One record in so many is timed: few enough to cost nothing, and a prime, so that no rhythm of the records is met.</summary>
    public const int Every = 61;

    private readonly ConcurrentDictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    /// <summary>The rules that were timed, the dearest first.</summary>
    public IReadOnlyList<RuleCost> Dearest() =>
        [
            .. _tallies
                .Select(rule => new RuleCost(rule.Key, rule.Value.Tries * Every, time.GetElapsedTime(0, rule.Value.Took * Every)))
                .OrderByDescending(cost => cost.Time)
                .ThenBy(cost => cost.Rule, StringComparer.Ordinal),
        ];

    internal long Now => time.GetTimestamp();

    /// <param name="rule">The rule that was tried once.</param>
    /// <param name="took">In steps of <see cref="Now"/>: a span's 100 ns are more than most rules take.</param>
    internal void Add(Rule rule, long took) => _tallies.GetOrAdd(rule.Label, _ => new Tally()).Add(took);

    private sealed class Tally
    {
        private long _tries;
        private long _took;

        public long Tries => Interlocked.Read(ref _tries);

        public long Took => Interlocked.Read(ref _took);

        public void Add(long took)
        {
            Interlocked.Increment(ref _tries);
            Interlocked.Add(ref _took, took);
        }
    }
}

/// <summary>What one rule has cost since the start, estimated.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Tries">Records that its condition was tried on.</param>
/// <param name="Time">How long that took in all.</param>
public sealed record RuleCost(string Rule, long Tries, TimeSpan Time);

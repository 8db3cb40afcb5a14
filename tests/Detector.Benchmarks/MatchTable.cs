using System.Diagnostics;
using System.Globalization;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Benchmarks;

/// <summary>
/// Prints what matching costs by the number of rules, as a Markdown table: one EventBridge-wrapped record of about 1.7 kB in, parsing included, no alert out, one
/// thread. Medians and 99th percentiles over single records, which a mean would hide.
/// </summary>
internal static class MatchTable
{
    private const int Events = 4096;
    private const int Rounds = 60;

    public static void Print(TextWriter output)
    {
        output.WriteLine("| rules | read and compile, ms | median, us | p99, us | bytes allocated a record |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (var count in (int[])[10, 100, 1_000, 10_000])
        {
            var loading = Stopwatch.StartNew();
            var rules = Workloads.Rules(count);
            var loaded = loading.Elapsed.TotalMilliseconds;
            var (median, p99, bytes) = Measure(rules);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {count:N0} | {loaded:F0} | {median:F2} | {p99:F2} | {bytes:F2} |"));
        }
    }

    private static (double Median, double P99, double Bytes) Measure(RuleSet rules)
    {
        var batches = Enumerable.Range(0, Events).Select(i => new EventBatch($"bench/{i}", Workloads.Envelope(i), Receipt.None)).ToArray();
        var judge = new Judge(rules);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var batch in batches)
            {
                judge.Try(batch);
            }
        }
        var ticks = new long[Events * Rounds];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < ticks.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            judge.Try(batches[i % Events]);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }
        var bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / ticks.Length;
        Array.Sort(ticks);
        return (Microseconds(ticks[ticks.Length / 2]), Microseconds(ticks[ticks.Length * 99 / 100]), bytes);
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}

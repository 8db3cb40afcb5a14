using System.Diagnostics;
using System.Globalization;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Benchmarks;

/// <summary>
/// Prints what it costs to know what rules cost, as a Markdown table: the same records with and without, in turn, so that whatever else the machine does meets both;
/// medians of rounds.
/// </summary>
internal static class RuleCostTable
{
    private const int Events = 1024;
    private const int Rounds = 1500;

    public static void Print(TextWriter output)
    {
        output.WriteLine("| rules tried on a record | without, us | timed, us | ratio |");
        output.WriteLine("|---|---|---|---|");
        foreach (var count in (int[])[0, 10, 100])
        {
            var rules = count == 0 ? Workloads.Rules(1_000) : Workloads.RulesTriedAlways(count);
            var (without, timed) = Measure(new Judge(rules), new Judge(rules, costs: new RuleCosts(TimeProvider.System)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {count} | {without:F2} | {timed:F2} | {timed / without:F2} |"));
        }
    }

    private static (double Without, double Timed) Measure(Judge without, Judge timed)
    {
        var batches = Enumerable.Range(0, Events).Select(i => new EventBatch($"bench/{i}", Workloads.Envelope(i), Receipt.None)).ToArray();
        var (first, second) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            first[round] = Round(without, batches);
            second[round] = Round(timed, batches);
        }
        return (Median(first[(Rounds / 3)..]), Median(second[(Rounds / 3)..]));
    }

    /// <summary>Microseconds for each record.</summary>
    private static double Round(Judge judge, EventBatch[] batches)
    {
        var since = Stopwatch.GetTimestamp();
        foreach (var batch in batches)
        {
            judge.Try(batch);
        }
        return Stopwatch.GetElapsedTime(since).TotalMicroseconds / batches.Length;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}

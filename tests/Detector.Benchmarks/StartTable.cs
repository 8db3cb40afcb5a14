using System.Globalization;

namespace Detector.Benchmarks;

/// <summary>
/// Prints how long whole processes take from their start to their end, as a Markdown table: medians of rounds, the programs in turn, so that whatever else the
/// machine does meets all of them.
/// </summary>
internal static class StartTable
{
    private const int Rounds = 25;
    private const int Events = 30;

    /// <param name="output">Where to.</param>
    /// <param name="programs">Published programs: the first is what the others are compared with.</param>
    public static void Print(TextWriter output, string[] programs)
    {
        var folder = Directory.CreateTempSubdirectory("detector-starts-").FullName;
        try
        {
            TrailArchive.Write(folder, Events);
            output.WriteLine($"| milliseconds | {string.Join(" | ", programs)} |");
            output.WriteLine($"|---|{string.Concat(programs.Select(_ => "---|"))}");
            foreach (
                var arguments in (string[][])
                    [
                        ["--version"],
                        ["rules", "list"],
                        ["replay", folder, "--output", "jsonl"],
                    ]
            )
            {
                var medians = Measure(programs, arguments).Select(median => median.ToString("F0", CultureInfo.InvariantCulture));
                output.WriteLine(
                    $"| `detector {string.Join(' ', arguments).Replace(folder, $"{Events} records", StringComparison.Ordinal)}` | {string.Join(" | ", medians)} |"
                );
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double[] Measure(string[] programs, string[] arguments)
    {
        var times = Array.ConvertAll(programs, _ => new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            for (var program = 0; program < programs.Length; program++)
            {
                times[program][round] = ProgramRun.Milliseconds(programs[program], arguments);
            }
        }
        return Array.ConvertAll(times, values => values.Order().ElementAt(Rounds / 2));
    }
}

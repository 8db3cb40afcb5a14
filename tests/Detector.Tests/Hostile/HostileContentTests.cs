using System.Globalization;

namespace Detector.Tests.Hostile;

/// <summary>
/// Feeds every sink and every output what an attacker would write into a name. In the suite for a moment; for long with
/// <c>DETECTOR_HOSTILE_INPUTS=20000 DETECTOR_FUZZ_SEED=10</c>: see docs/security.md, where the table of the last long run is.
/// </summary>
public sealed class HostileContentTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Sinks.All.Keys];

    private static int Inputs => Number("DETECTOR_HOSTILE_INPUTS") ?? 200;

    private static int Seed => Number("DETECTOR_FUZZ_SEED") ?? 1;

    /// <summary>To look at one violation again: the batch that it names.</summary>
    private static int First => Number("DETECTOR_FUZZ_BATCH") ?? 0;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sink_OfHostileAlerts_LetsNothingThrough(string name)
    {
        var (violations, tried) = (new List<string>(), 0);
        for (var batch = First; tried < Inputs; batch++, tried += HostileBatch.Size)
        {
            var hostile = new HostileAlerts(new Random(unchecked(Seed * 1_000_003 + batch)));
            violations.AddRange((await Sinks.All[name](HostileBatch.Of(hostile))).Select(problem => $"batch {batch} of seed {Seed}: {Seen(problem)}"));
        }
        output.WriteLine($"| {name} | {tried} | {violations.Count} |");
        Assert.True(violations.Count == 0, $"{violations.Count} violations:\n{string.Join('\n', violations.Take(20))}");
    }

    private static string Seen(string text) => string.Concat(text.Take(300).Select(c => c is >= ' ' and < '\u007f' ? $"{c}" : $"\\u{(int)c:x4}"));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

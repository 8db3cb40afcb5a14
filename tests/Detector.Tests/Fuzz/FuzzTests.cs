using System.Diagnostics;
using System.Globalization;

namespace Detector.Tests.Fuzz;

/// <summary>
/// Feeds every reader what nobody wrote. In the suite for a moment; for long with <c>DETECTOR_FUZZ_MINUTES=10 DETECTOR_FUZZ_SEED=7</c>: see docs/reliability.md. What
/// breaks a reader is written to a file, and belongs into tests/corpus/fuzz, where it stays.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Tries = 300;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(20);

    private static string Corpus => Path.Combine(Repository.PathOf("tests"), "corpus", "fuzz");

    public static TheoryData<string> Targets => [.. Target.All.Keys];

    public static TheoryData<string> Kept =>
        [
            .. Directory
                .EnumerateFiles(Corpus, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Corpus, file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Reader_OfAnything_KeepsItsPromises(string name)
    {
        var target = Target.All[name]();
        var minutes = Number("DETECTOR_FUZZ_MINUTES") ?? 0;
        var seed = Number("DETECTOR_FUZZ_SEED") ?? 1;
        var mutator = new Mutator(seed, target.Tokens);
        var watch = Stopwatch.StartNew();
        var tried = 0;
        for (; tried < Tries || watch.Elapsed < TimeSpan.FromMinutes(minutes); tried++)
        {
            var input = mutator.Next(target.Seeds);
            var began = watch.Elapsed;
            var memory = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                target.Check(input);
                Assert.True(watch.Elapsed - began < Slow, "it takes far too long");
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - memory < 1_000_000_000, "it takes far too much memory");
            }
            catch (Exception e)
            {
                var file = Path.Combine(Path.GetTempPath(), $"{name}-{seed}-{tried}");
                File.WriteAllBytes(file, input);
                throw new InvalidOperationException($"input {tried} of seed {seed}, kept in {file}", e);
            }
        }
        output.WriteLine($"{name}: {tried} inputs of seed {seed} in {watch.Elapsed.TotalSeconds:F0} s");
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void Reader_OfWhatOnceBrokeOne_KeepsItsPromises(string file) =>
        Target.All[Path.GetDirectoryName(file)!]().Check(File.ReadAllBytes(Path.Combine(Corpus, file)));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

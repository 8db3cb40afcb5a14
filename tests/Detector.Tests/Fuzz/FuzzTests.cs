using Detector.Testing.Fuzz;

namespace Detector.Tests.Fuzz;

/// <summary>
/// Feeds every reader what nobody wrote, for a moment, and all that ever broke one. Detector.Fuzz does it for long, led by the code that inputs reach: see docs/reliability.md.
/// </summary>
public sealed class FuzzTests
{
    private const int Tries = 300;

    public static TheoryData<string> Targets => [.. Target.All.Keys];

    public static TheoryData<string> Kept =>
        [
            .. Directory
                .EnumerateFiles(Target.Corpus, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Target.Corpus, file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Reader_OfAnything_KeepsItsPromises(string name)
    {
        var target = Target.All[name]();
        var mutator = new Mutator(seed: 1, target.Tokens);
        for (var tried = 0; tried < Tries; tried++)
        {
            var input = mutator.Next(target.Seeds);
            try
            {
                target.Try(input);
            }
            catch (Exception e)
            {
                var file = Path.Combine(Path.GetTempPath(), $"{name}-{tried}");
                File.WriteAllBytes(file, input);
                throw new InvalidOperationException($"input {tried}, kept in {file}", e);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void Reader_OfWhatOnceBrokeOne_KeepsItsPromises(string file) =>
        Target.All[Path.GetDirectoryName(file)!]().Try(File.ReadAllBytes(Path.Combine(Target.Corpus, file)));
}

using Detector.Core.Detection.History;

namespace Detector.App;

/// <summary>What the user knows of the time before the trail, read from files that AWS makes.</summary>
internal static class Seeds
{
    /// <summary>Reads the files.</summary>
    /// <param name="report">An IAM credential report (CSV), or null.</param>
    /// <param name="keyPairs">Answers of describe-key-pairs, each as <c>ACCOUNT/REGION=FILE</c>.</param>
    /// <exception cref="StartException">A file cannot be read; the message tells which and why.</exception>
    public static IReadOnlyList<LearnedFact> Read(string? report, IReadOnlyList<string> keyPairs) =>
        [.. report is null ? [] : Read(report, CredentialReport.Read), .. keyPairs.SelectMany(OfKeyPairs)];

    private static IReadOnlyList<LearnedFact> OfKeyPairs(string given)
    {
        if (given.Split('=', 2) is not [var place, var file] || place.Split('/') is not [{ Length: 12 } account, { Length: > 0 } region])
            throw new StartException($"{OneLine.Of(given)} is not ACCOUNT/REGION=FILE, such as 111122223333/eu-west-1=key-pairs.json");
        return Read(file, text => DescribedKeyPairs.Read(text, account, region));
    }

    private static IReadOnlyList<LearnedFact> Read(string file, Func<string, IReadOnlyList<LearnedFact>> read)
    {
        try
        {
            return read(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartException($"{OneLine.Of(file)}: {OneLine.Of(e.Message)}");
        }
    }
}

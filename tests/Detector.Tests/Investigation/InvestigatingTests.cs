using System.Text;

namespace Detector.Tests.Investigation;

/// <summary>docs/investigating.md, followed word for word over the evidence that it gives.</summary>
public sealed class InvestigatingTests
{
    private static string Sample => Repository.PathOf("samples", "heron-freight.tar.gz");

    /// <summary>With DETECTOR_WRITE_DOCS=1 it is made anew, with a new key.</summary>
    [Fact]
    public void Sample_LogFiles_AreThoseOfTheStory()
    {
        var made = HeronArchive.Files();
        if (Environment.GetEnvironmentVariable("DETECTOR_WRITE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Sample)!);
            using var written = File.Create(Sample);
            HeronArchive.Write(written, made);
        }

        using var file = File.OpenRead(Sample);
        var kept = HeronArchive.Read(file);

        Assert.Equal(made.Keys, kept.Keys);
        // Digests and keys are of another key each time.
        Assert.All(
            made.Where(one => one.Key.Contains("/CloudTrail/", StringComparison.Ordinal)),
            one => Assert.Equal(Encoding.UTF8.GetString(one.Value), Encoding.UTF8.GetString(kept[one.Key]))
        );
    }

    [Fact]
    public async Task Investigating_FollowedWordForWord_AnswersWhatThePageSays()
    {
        Requires.Jq();
        Requires.Curl();
        const string intake = "127.0.0.1:8787";
        var free = $"127.0.0.1:{Ports.Free()}";
        var folder = Directory.CreateTempSubdirectory("investigating-").FullName;
        try
        {
            File.Copy(Sample, Path.Combine(folder, Path.GetFileName(Sample)));
            var walkthrough = new Walkthrough("docs/investigating.md")
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["DETECTOR_INTAKE__LISTEN"] = free },
                Instead = new Dictionary<string, string>(StringComparer.Ordinal) { [intake] = free },
            };
            await walkthrough.FollowAsync(folder, isWhole: true);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

using System.Text.Json.Nodes;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Replays;

public sealed class S3ReplayTests(Emulator emulator) : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 10, 28, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("detector-s3-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Replay_S3_FindsWhatTheSameLocalFilesShow()
    {
        var (archive, bucket) = await MakeAsync(days: 6);
        archive.Save(Path.Combine(_folder, "local"));

        var (code, alerts, log) = await ReplayAsync($"s3://{bucket}/org/");
        // Here what is no trail is looked into, and told.
        var (_, local, _) = await ReplayAsync("local");

        Assert.Equal((0, ""), (code, log));
        Assert.Equal(archive.Alerts, alerts.Count);
        Assert.Equal(Ids(local), Ids(alerts));
        Assert.All(alerts, alert => Assert.StartsWith($"s3://{bucket}/org/AWSLogs/", File(alert), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replay_S3BesideLocalFilesWithScope_JudgesWhatIsWantedOnce()
    {
        var (archive, bucket) = await MakeAsync(days: 6);
        archive.Save(Path.Combine(_folder, "local"));

        var (code, alerts, _) = await ReplayAsync(
            $"s3://{bucket}/org/AWSLogs/",
            "local",
            "--account",
            MadeArchive.First,
            "--region",
            "us-east-1",
            "--from",
            "2026-10-29",
            "--to",
            "2026-10-30"
        );

        Assert.Equal(0, code);
        Assert.Equal(2, alerts.Count);
        Assert.All(alerts, alert => Assert.Contains($"/{MadeArchive.First}/CloudTrail/us-east-1/2026/10/", File(alert), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replay_S3Cached_CanBeRepeatedWithoutS3()
    {
        var (archive, bucket) = await MakeAsync(days: 3);

        var (_, alerts, _) = await ReplayAsync($"s3://{bucket}", "--cache", "cache");
        var (code, offline, _) = await ReplayAsync("cache");

        Assert.Equal(0, code);
        Assert.Equal(archive.Alerts, offline.Count);
        Assert.Equal(Ids(alerts), Ids(offline));
    }

    [Fact]
    public async Task Replay_NoSuchBucket_IsToldAndTheRestIsDone()
    {
        var (archive, bucket) = await MakeAsync(days: 1);

        var (code, alerts, log) = await ReplayAsync("s3://no-such-bucket/", $"s3://{bucket}/");

        Assert.Equal(3, code);
        Assert.Equal(archive.Alerts, alerts.Count);
        Assert.Contains("s3://no-such-bucket/", log, StringComparison.Ordinal);
        Assert.Contains("NoSuchBucket", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_KilledAndRunAgainWithACache_FetchesTheRestOnlyAndFindsTheSame()
    {
        // Fewer days than a key pair may be unused.
        var (archive, bucket) = await MakeAsync(days: 28);
        string[] arguments = ["replay", "--output", "jsonl", $"s3://{bucket}", "--cache", "cache", "--service-url", emulator.Address.OriginalString];
        await using (var first = Live.DetectorProcess.Start(_folder, arguments))
        {
            await Eventually.TrueAsync(() => first.HasExited || Kept().Count > 20, "some of it is fetched");
            await first.KillAsync();
        }
        var before = Kept();

        var (code, alerts, _) = await ReplayAsync($"s3://{bucket}", "--cache", "cache");

        Assert.Equal(0, code);
        Assert.Equal(archive.Alerts, alerts.Count);
        var after = Kept();
        Assert.Equal(archive.Files.Keys.Count(key => key.Contains("/CloudTrail/", StringComparison.Ordinal)), after.Count);
        Assert.InRange(before.Count, 20, after.Count - 1);
        Assert.All(before, file => Assert.Equal(file.Value, after[file.Key]));
    }

    /// <summary>The cache's files, and when each was written.</summary>
    private Dictionary<string, DateTime> Kept() =>
        Directory.Exists(Path.Combine(_folder, "cache"))
            ? Directory
                .GetFiles(Path.Combine(_folder, "cache"), "*~*", SearchOption.AllDirectories)
                .ToDictionary(file => file, System.IO.File.GetLastWriteTimeUtc, StringComparer.Ordinal)
            : [];

    private async Task<(MadeArchive Archive, string Bucket)> MakeAsync(int days)
    {
        await emulator.RequireAsync();
        var archive = MadeArchive.Make("org/", Start, days);
        var bucket = await emulator.CreateBucketAsync();
        await archive.UploadAsync(emulator.S3, bucket);
        return (archive, bucket);
    }

    private static string File(JsonNode alert) => alert["events"]![0]!["file"]!.GetValue<string>();

    private static IEnumerable<string> Ids(IEnumerable<JsonNode> alerts) =>
        alerts.Select(alert => alert["alertId"]!.GetValue<string>()).Order(StringComparer.Ordinal);

    private Task<(int Code, IReadOnlyList<JsonNode> Alerts, string Log)> ReplayAsync(params string[] arguments) =>
        ReplayRunner.RunAsync(_folder, [.. arguments, "--service-url", emulator.Address.OriginalString]);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.S3.Model;
using Detector.Core.Integrity;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Replays;

/// <summary>A trail in a bucket, tampered with in every way: what the program finds, and whether the AWS CLI agrees.</summary>
public sealed class ValidateTests(Emulator emulator) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("detector-validate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Validate_AsDelivered_IsIntactAndTheCliAgrees()
    {
        var (trail, bucket, fake) = await MakeAsync(_ => { });
        await using var keys = fake;

        var (code, integrity) = await ValidateAsync(bucket, fake);

        Assert.Equal((0, "intact"), (code, integrity["verdict"]!.GetValue<string>()));
        Assert.Equal(0, await CliAsync(bucket, fake, found => Assert.Empty(found)));
        Assert.Equal(trail.Digests.Count, integrity["provenDigests"]!.GetValue<int>());
    }

    [Fact]
    public async Task Validate_TamperedWithInEveryWay_NamesWhatTheCliNames()
    {
        var tampered = new List<(IntegrityFault Fault, string Subject)>();
        // Two hours lie between them, so that none hides another.
        var (trail, bucket, fake) = await MakeAsync(made =>
            tampered.AddRange(Tampering.All.Index().SelectMany(one => one.Item.To(made, 2 + 3 * one.Index, new Random(7))))
        );
        await using var keys = fake;

        var (code, integrity) = await ValidateAsync(bucket, fake);

        Assert.Equal((3, "broken"), (code, integrity["verdict"]!.GetValue<string>()));
        string Plain(string subject) => subject.Replace($"s3://{bucket}/", "", StringComparison.Ordinal);
        var named = integrity["findings"]!.AsArray().Where(finding => IsTampering(finding!)).Select(finding => Plain(finding!["subject"]!.GetValue<string>()));
        Assert.Equal(tampered.Select(one => one.Subject).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        // The CLI knows nothing of files that were added, or have another name now.
        var delivered = trail.Digests.Concat(trail.Logs.Values.SelectMany(logs => logs)).ToHashSet(StringComparer.Ordinal);
        var known = tampered.Select(one => one.Subject).Where(delivered.Contains).Order(StringComparer.Ordinal);
        Assert.Equal(1, await CliAsync(bucket, fake, found => Assert.Equal(known, found.Select(Plain).Order(StringComparer.Ordinal))));
    }

    [Fact]
    public async Task Replay_ValidateACopy_TellsTheVerdictBesideTheAlerts()
    {
        var trail = SignedTrail.Of(5);
        foreach (var (key, content) in trail.Objects)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, key))!);
            File.WriteAllBytes(Path.Combine(_folder, key), MadeArchive.Gzip(content));
        }
        await using var fake = await TrailFake.StartAsync();
        fake.PublicKeys = Keys();
        string[] replay = ["replay", "AWSLogs", "--output", "jsonl", "--stats", "--validate", "--public-keys", "aws", "--service-url", fake.Url.OriginalString];

        var (code, copy) = await StatsAsync(replay);
        File.WriteAllText(Path.Combine(_folder, trail.Digests[^1] + ".head.json"), Head(trail, trail.Digests[^1]));
        var (_, whole) = await StatsAsync(replay);
        File.AppendAllText(Path.Combine(_folder, trail.Logs[trail.Digests[2]][0]), "x");
        var (broken, altered) = await StatsAsync(replay);

        Assert.Equal((0, "incomplete", 8), (code, Verdict(copy), copy["provenLogFiles"]!.GetValue<int>()));
        Assert.Equal(("intact", 10), (Verdict(whole), whole["provenLogFiles"]!.GetValue<int>()));
        Assert.Equal((3, "broken"), (broken, Verdict(altered)));
    }

    private static string Verdict(JsonNode integrity) => integrity["verdict"]!.GetValue<string>();

    private static bool IsTampering(JsonNode finding) => finding["kind"]!.GetValue<string>() is not ("uncovered" or "gap" or "unproven");

    private async Task<(SignedTrail Trail, string Bucket, TrailFake Fake)> MakeAsync(Action<SignedTrail> tamper)
    {
        await emulator.RequireAsync();
        var bucket = await emulator.CreateBucketAsync();
        var trail = new SignedTrail(bucket: bucket);
        for (var hour = 0; hour < 3 * Tampering.All.Count + 3; hour++)
            trail.Add(SignedTrail.Start.AddHours(hour), 2);
        tamper(trail);
        foreach (var (key, content) in trail.Objects)
        {
            var put = new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                InputStream = new MemoryStream(MadeArchive.Gzip(content)),
            };
            if (trail.Seals.TryGetValue(key, out var seal))
            {
                put.Metadata["signature"] = seal.Signature;
                put.Metadata["signature-algorithm"] = seal.Algorithm;
            }
            await emulator.S3.PutObjectAsync(put, TestContext.Current.CancellationToken);
        }
        var fake = await TrailFake.StartAsync();
        fake.PublicKeys = Keys();
        return (trail, bucket, fake);
    }

    private static JsonObject Keys()
    {
        var key = SignedTrail.OurKey;
        return new JsonObject
        {
            ["PublicKeyList"] = new JsonArray(
                new JsonObject
                {
                    ["Value"] = Convert.ToBase64String(key.Value.Span),
                    ["ValidityStartTime"] = key.Valid.From!.Value.ToUnixTimeSeconds(),
                    ["ValidityEndTime"] = key.Valid.To!.Value.ToUnixTimeSeconds(),
                    ["Fingerprint"] = key.Fingerprint,
                }
            ),
        };
    }

    private static string Head(SignedTrail trail, string digest) =>
        new JsonObject
        {
            ["Metadata"] = new JsonObject { ["signature"] = trail.Seals[digest].Signature, ["signature-algorithm"] = trail.Seals[digest].Algorithm },
        }.ToJsonString();

    private async Task<(int Code, JsonNode Integrity)> ValidateAsync(string bucket, TrailFake fake)
    {
        File.WriteAllText(Path.Combine(_folder, "keys.json"), fake.PublicKeys!.ToJsonString());
        await using var validate = DetectorProcess.Start(
            _folder,
            "validate",
            $"s3://{bucket}/",
            "--output",
            "json",
            "--public-keys",
            "keys.json",
            "--service-url",
            emulator.Address.OriginalString
        );
        var code = await validate.ExitAsync();
        return (code, JsonNode.Parse(validate.Out)!);
    }

    private async Task<(int Code, JsonNode Integrity)> StatsAsync(string[] arguments)
    {
        await using var replay = DetectorProcess.Start(_folder, arguments);
        var code = await replay.ExitAsync();
        var stats = replay.Log.Split('\n').Single(line => line.StartsWith("{\"files\"", StringComparison.Ordinal));
        return (code, JsonNode.Parse(stats)!["integrity"]!);
    }

    /// <summary>Asks the AWS CLI; returns its exit code. Does nothing where it is missing, or knows no endpoints by service.</summary>
    private async Task<int> CliAsync(string bucket, TrailFake fake, Action<IReadOnlyList<string>> found)
    {
        await using var s3 = await S3Front.StartAsync(emulator.Address);
        var start = new ProcessStartInfo("aws")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var argument in (string[])
                [
                    "cloudtrail",
                    "validate-logs",
                    "--trail-arn",
                    "arn:aws:cloudtrail:us-east-1:111122223333:trail/main_trail",
                    "--s3-bucket",
                    bucket,
                    "--start-time",
                    SignedTrail.Start.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    "--end-time",
                    SignedTrail.Start.AddDays(3).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    "--region",
                    "eu-west-1",
                    "--endpoint-url",
                    fake.Url.OriginalString,
                ]
        )
            start.ArgumentList.Add(argument);
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";
        start.Environment["AWS_ENDPOINT_URL_S3"] = s3.Url.OriginalString;
        Process? started;
        try
        {
            started = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("the AWS CLI is not installed (Debian: awscli)");
            throw;
        }
        using var cli = started!;
        var said = cli.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var complaint = await cli.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await cli.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(complaint.Contains("Could not connect", StringComparison.Ordinal), "this AWS CLI knows no AWS_ENDPOINT_URL_S3");
        TestContext.Current.TestOutputHelper?.WriteLine(await said + complaint);
        found([.. complaint.Split('\n').Where(line => line.Contains("INVALID", StringComparison.Ordinal)).Select(line => line.Split('\t')[1])]);
        return cli.ExitCode;
    }
}

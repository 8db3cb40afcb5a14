using System.Net;
using System.Text.Json.Nodes;
using Amazon.S3.Model;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

public sealed class S3RunTests(Emulator emulator)
{
    [Fact]
    public async Task Run_NotificationsOfEveryKindBesideEvents_EndInAlertsAndAnEmptyQueue()
    {
        await using var path = await LivePath.MakeAsync(emulator);
        using var deployment = Deployment(path);
        var bucket = await emulator.CreateBucketAsync();
        var direct = await PutAsync(bucket, "AWSLogs/odd key+ü.json.gz", MadeArchive.Gzip(Record("direct")));
        var both = await PutAsync(bucket, "both.json", System.Text.Encoding.UTF8.GetBytes(Record("both")));
        var sns = await PutAsync(bucket, "sns.json.gz", MadeArchive.Gzip(Record("sns")));
        var bridge = await PutAsync(bucket, "bridge+plus.json.gz", MadeArchive.Gzip(Record("bridge")));
        await path.SendAsync(
            """{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-09T09:05:00.000Z"}""",
            Told(bucket, direct, both),
            Trail.Sns(Told(bucket, sns)),
            EventBridge(bucket, bridge),
            Told(bucket, "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/09/never-fetched.json.gz"),
            Trail.EventBridge(Trail.KeyPairImport("event"))
        );

        await using var detector = await deployment.StartReadyAsync();
        await path.QueueEmptyAsync();
        await Eventually.TrueAsync(() => deployment.Alerts.Count == 5, "five alerts");

        Assert.Equal(0, await detector.StopAsync());
        Assert.Equal(
            ["both", "bridge", "direct", "event", "sns"],
            ((string[])["both", "bridge", "direct", "event", "sns"]).Where(mark => deployment.Alerts.Any(alert => alert.Contains($"/{mark}\"")))
        );
        Assert.Equal(0, await emulator.CountAsync(path.Dead));
    }

    [Fact]
    public async Task Run_ObjectGoneOrDamaged_EndsInTheDeadLetterQueueAndTheReadablePartIsJudged()
    {
        await using var path = await LivePath.MakeAsync(emulator, maxReceives: 2);
        using var deployment = Deployment(path);
        var bucket = await emulator.CreateBucketAsync();
        var packed = MadeArchive.Gzip(
            Record("readable") + "\n" + string.Concat(Enumerable.Repeat(Record("quiet").Replace("ImportKeyPair", "Other") + "\n", 200))
        );
        var cut = await PutAsync(bucket, "cut.json.gz", packed[..^12]);
        await path.SendAsync(Told(bucket, cut), Told(bucket, "gone.json.gz"), Trail.EventBridge(Trail.KeyPairImport("event")));

        await using var detector = await deployment.StartReadyAsync();
        await Eventually.TrueAsync(async () => await emulator.CountAsync(path.Dead) == 2, "both messages are set aside");

        Assert.Equal(0, await detector.StopAsync());
        Assert.Equal(2, deployment.Alerts.Count);
        Assert.Contains($"s3://{bucket}/gone.json.gz cannot be read whole", detector.Log, StringComparison.Ordinal);
        Assert.Contains($"s3://{bucket}/cut.json.gz cannot be read whole", detector.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enqueue_Archive_IsWorkedOffByRunAndMayBeRepeated()
    {
        await using var path = await LivePath.MakeAsync(emulator);
        using var deployment = Deployment(path);
        var archive = MadeArchive.Make("", Today.AddDays(-3), days: 3);
        var bucket = await emulator.CreateBucketAsync();
        await archive.UploadAsync(emulator.S3, bucket);
        string[] arguments =
        [
            "replay",
            "--enqueue",
            path.Queue,
            "--service-url",
            emulator.Address.OriginalString,
            $"s3://{bucket}",
            "--account",
            MadeArchive.First,
        ];

        for (var i = 0; i < 2; i++)
        {
            await using var enqueue = DetectorProcess.Start(deployment.Folder, arguments);
            Assert.Equal(0, await enqueue.ExitAsync());
            Assert.StartsWith("12 objects", enqueue.Out, StringComparison.Ordinal);
        }
        Assert.Equal(24, await path.WaitingAsync());
        await using var detector = await deployment.StartReadyAsync();
        await path.QueueEmptyAsync();
        await Eventually.TrueAsync(() => deployment.Alerts.Count >= archive.Alerts / 2, "the alerts");

        Assert.Equal(0, await detector.StopAsync());
        Assert.Equal(archive.Alerts / 2, deployment.Alerts.Select(alert => JsonNode.Parse(alert)!["alertId"]?.GetValue<string>() ?? alert).Distinct().Count());
        Assert.Equal(archive.Alerts / 2, deployment.Alerts.Count);
    }

    private static DateTimeOffset Today => new(DateTimeOffset.UtcNow.Date, TimeSpan.Zero);

    private Deployment Deployment(LivePath path) =>
        new()
        {
            QueueUrl = path.Queue,
            ServiceUrl = emulator.Address,
            More = $"s3:\n  notifications: true\n  serviceUrl: {emulator.Address.OriginalString}\n",
        };

    private static string Record(string mark) => Trail.KeyPairImport(mark).ToJsonString();

    private async Task<string> PutAsync(string bucket, string key, byte[] content)
    {
        await emulator.S3.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                InputStream = new MemoryStream(content),
            }
        );
        return key;
    }

    private static string Told(string bucket, params string[] keys) =>
        new JsonObject
        {
            ["Records"] = new JsonArray([
                .. keys.Select(key => new JsonObject
                {
                    ["eventVersion"] = "2.1",
                    ["eventSource"] = "aws:s3",
                    ["eventName"] = "ObjectCreated:Put",
                    ["s3"] = new JsonObject
                    {
                        ["bucket"] = new JsonObject { ["name"] = bucket },
                        ["object"] = new JsonObject { ["key"] = WebUtility.UrlEncode(key) },
                    },
                }),
            ]),
        }.ToJsonString();

    private static string EventBridge(string bucket, string key) =>
        new JsonObject
        {
            ["version"] = "0",
            ["detail-type"] = "Object Created",
            ["source"] = "aws.s3",
            ["detail"] = new JsonObject
            {
                ["bucket"] = new JsonObject { ["name"] = bucket },
                ["object"] = new JsonObject { ["key"] = key },
            },
        }.ToJsonString();
}

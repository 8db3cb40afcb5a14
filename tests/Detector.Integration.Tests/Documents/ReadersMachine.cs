using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Amazon.S3.Model;
using Amazon.SQS.Model;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Doctor;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Documents;

/// <summary>
/// What somebody who follows a document has: a clone, the AWS CLI with an account that holds a signed trail in the bucket <c>my-trail</c>, Slack, and a copy of the
/// trail. AWS is the emulator for SQS, SNS, S3 and STS, and fakes for what else is asked of it; the AWS CLI and the program find them by AWS's own variables.
/// </summary>
public sealed class ReadersMachine(Emulator emulator) : IAsyncDisposable
{
    private const string RedisSecret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:detector-redis-abcdef";

    private readonly DirectoryInfo _folders = Directory.CreateTempSubdirectory("reader-");
    private readonly SignedTrail _trail = new();
    private AwsFake? _aws;
    private StackFake? _stacks;
    private SlackFake? _slack;

    internal SlackFake Slack => _slack!;

    /// <summary>What stands before the usual programs.</summary>
    internal static IReadOnlyList<string> Programs { get; } = [Repository.PathOf("tests", "Detector.Integration.Tests", "Documents", "programs")];

    internal IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")),
            ["PROGRAM"] = Walkthrough.Program,
            ["TF_CLI_CONFIG_FILE"] = "/dev/null",
            ["AWS_ACCESS_KEY_ID"] = "test",
            ["AWS_SECRET_ACCESS_KEY"] = "test",
            ["AWS_REGION"] = "us-east-1",
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_ENDPOINT_URL"] = emulator.Address.OriginalString,
            ["AWS_ENDPOINT_URL_CLOUDFORMATION"] = _stacks!.Url.OriginalString,
            ["AWS_ENDPOINT_URL_CLOUDTRAIL"] = _aws!.Url.OriginalString,
            ["AWS_ENDPOINT_URL_EVENTBRIDGE"] = _aws.Url.OriginalString,
            ["AWS_ENDPOINT_URL_EVENTS"] = _aws.Url.OriginalString,
            ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = _aws.Url.OriginalString,
            ["AWS_ENDPOINT_URL_EC2"] = _stacks.Url.OriginalString,
            // Other tests' detectors may have the default place.
            ["DETECTOR_STATUS__LISTEN"] = "127.0.0.1:0",
        };

    /// <summary>What only the reader knows.</summary>
    internal IReadOnlyDictionary<string, string> Instead =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["https://hooks.slack.com/services/..."] = Slack.Url.OriginalString };

    /// <summary>Starts it, once.</summary>
    internal async Task StartAsync()
    {
        await emulator.RequireAsync();
        if (_aws is not null)
            return;
        _slack = await SlackFake.StartAsync();
        var (queue, arn, topic) = await DeployedAsync();
        _stacks = await StackFake.StartAsync(
            new(StringComparer.Ordinal)
            {
                ["Events"] = queue,
                ["Alerts"] = topic,
                ["DeadLetters.QueueName"] = "stack-dead",
            }
        );
        _aws = await AwsFake.StartAsync();
        Answers(_aws, arn);
        await HoldsATrailAsync();
    }

    /// <summary>A folder to follow a document in: the clone, with a copy of the trail, and what Terraform remembers of a deployment.</summary>
    /// <param name="isConfigured">Whether the deployment's configuration is there, too.</param>
    internal async Task<string> NewFolderAsync(bool isConfigured)
    {
        var folder = _folders.CreateSubdirectory(Guid.NewGuid().ToString("n")).FullName;
        foreach (var entry in (string[])["docs", "infra", "rules", "src", "tests"])
            File.CreateSymbolicLink(Path.Combine(folder, entry), Repository.PathOf(entry));
        foreach (var (key, content) in _trail.Objects)
        {
            var copy = Path.Combine(folder, key);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await File.WriteAllBytesAsync(copy, MadeArchive.Gzip(content));
        }
        var yaml = await _stacks!.DetectorYamlAsync();
        if (isConfigured)
            await File.WriteAllTextAsync(Path.Combine(folder, "detector.yaml"), yaml);
        var state = new JsonObject
        {
            ["version"] = 4,
            ["outputs"] = new JsonObject { ["detector_yaml"] = Output(yaml), ["redis_secret_arn"] = Output(RedisSecret) },
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "terraform.tfstate"), state.ToJsonString());
        return folder;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[_aws, _stacks, _slack])
        {
            if (part is not null)
                await part.DisposeAsync();
        }
        _folders.Delete(recursive: true);
    }

    private static JsonObject Output(string value) => new() { ["value"] = value, ["type"] = "string" };

    /// <summary>What a stack would make.</summary>
    private async Task<(string Queue, string Arn, string Topic)> DeployedAsync()
    {
        const string Arn = "arn:aws:sqs:us-east-1:000000000000:stack-events";
        await emulator.Sqs.CreateQueueAsync("stack-dead");
        var queue = await emulator.Sqs.CreateQueueAsync(
            new CreateQueueRequest
            {
                QueueName = "stack-events",
                Attributes = new()
                {
                    ["SqsManagedSseEnabled"] = "true",
                    ["MessageRetentionPeriod"] = "1209600",
                    ["RedrivePolicy"] = """{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:stack-dead","maxReceiveCount":5}""",
                    ["Policy"] = $$"""
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                    "Resource": "{{Arn}}", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/detector-1"} } }]}
                    """,
                },
            }
        );
        var topic = await emulator.CreateTopicAsync();
        await emulator.SubscribeAsync(topic, raw: true);
        return (queue.QueueUrl, Arn, topic);
    }

    private static void Answers(AwsFake aws, string queue)
    {
        aws.Answers["AWSEvents.ListTargetsByRule"]["Targets"]![0]!["Arn"] = queue;
        aws.Answers["AWSEvents.PutRule"] = new JsonObject { ["RuleArn"] = "arn:aws:events:us-east-1:111122223333:rule/detector" };
        aws.Answers["AWSEvents.PutTargets"] = new JsonObject { ["FailedEntryCount"] = 0, ["FailedEntries"] = new JsonArray() };
        aws.Answers["secretsmanager.GetSecretValue"] = new JsonObject { ["ARN"] = RedisSecret, ["SecretString"] = "redis.example:6379,ssl=true" };
        aws.Answers[AwsFake.CloudTrail + "LookupEvents"] = new JsonObject { ["Events"] = new JsonArray() };
        aws.Answers[AwsFake.CloudTrail + "ListPublicKeys"] = new JsonObject
        {
            ["PublicKeyList"] = new JsonArray(
                new JsonObject
                {
                    ["Value"] = Convert.ToBase64String(SignedTrail.OurKey.Value.Span),
                    ["ValidityStartTime"] = DateTimeOffset.UtcNow.AddDays(-60).ToUnixTimeSeconds(),
                    ["ValidityEndTime"] = DateTimeOffset.UtcNow.AddDays(60).ToUnixTimeSeconds(),
                    ["Fingerprint"] = SignedTrail.Fingerprint,
                }
            ),
        };
    }

    private async Task HoldsATrailAsync()
    {
        var now = DateTimeOffset.UtcNow;
        for (var hour = 4; hour > 1; hour--)
            _trail.Add(new DateTimeOffset(now.Date, TimeSpan.Zero).AddHours(now.Hour - hour), 2);
        await emulator.S3.PutBucketAsync(_trail.Bucket);
        foreach (var (key, content) in _trail.Objects)
        {
            var put = new PutObjectRequest
            {
                BucketName = _trail.Bucket,
                Key = key,
                InputStream = new MemoryStream(MadeArchive.Gzip(content)),
            };
            if (_trail.Seals.TryGetValue(key, out var seal))
            {
                put.Metadata["signature"] = seal.Signature;
                put.Metadata["signature-algorithm"] = seal.Algorithm;
            }
            await emulator.S3.PutObjectAsync(put);
        }
    }
}

using Detector.Adapters.Aws.Inspection;
using Detector.App.Infra;
using Detector.Tests.App.Infra;

namespace Detector.Tests.App.Doctor;

/// <summary>An account in which everything is as it should be, until a test breaks a part of it.</summary>
internal sealed class FakeAccount : IAccountReader
{
    public const string QueueArn = "arn:aws:sqs:us-east-1:111122223333:detector-events";
    public const string QueueUrl = "https://sqs.us-east-1.amazonaws.com/111122223333/detector-events";
    public const string TopicArn = "arn:aws:sns:us-east-1:111122223333:detector-alerts";

    private const string DeadArn = QueueArn + "-dead";

    /// <summary>Permissions that are denied.</summary>
    public HashSet<string> Denied { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls that fail, with AWS's code.</summary>
    public Dictionary<string, string> Fails { get; } = new(StringComparer.Ordinal);

    /// <summary>Questions that EventBridge was asked.</summary>
    public int Tried;

    public Dictionary<string, string> Queue { get; } =
        new(StringComparer.Ordinal)
        {
            ["QueueArn"] = QueueArn,
            ["ApproximateNumberOfMessages"] = "3",
            ["MessageRetentionPeriod"] = "1209600",
            ["SqsManagedSseEnabled"] = "true",
            ["RedrivePolicy"] = $$"""{"deadLetterTargetArn":"{{DeadArn}}","maxReceiveCount":5}""",
            ["Policy"] = """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*",
                "Condition":{"ArnEquals":{"aws:SourceArn":["arn:aws:events:us-east-1:111122223333:rule/detector-1","arn:aws:events:us-east-1:111122223333:rule/detector-?"]}}}]}
                """,
        };

    public Dictionary<string, string> Dead { get; } = new(StringComparer.Ordinal) { ["ApproximateNumberOfMessages"] = "0" };

    public List<RuleState> Rules { get; } = [];

    /// <summary>Those of the bus that others forward to.</summary>
    public List<RuleState> Forwarded { get; } = [];

    public List<string> Targets { get; } = [QueueArn];

    public List<TrailState> Trails { get; } = [new("main", "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", true, true, true, true)];

    public TrailStatus Status { get; set; } = new(true, null);

    public ManagementEvents Events { get; set; } = new(true, true, []);

    public Dictionary<string, string> Topic { get; } = new(StringComparer.Ordinal) { ["Policy"] = "{}" };

    public List<SubscriptionState> Subscriptions { get; } = [new("email", true)];

    public void Has(int number, string pattern, string state = PatternPlan.State) =>
        Rules.Add(new RuleState($"detector-{number}", $"arn:aws:events:us-east-1:111122223333:rule/detector-{number}", state, pattern));

    public Task<Caller> CallerAsync(CancellationToken cancellation) =>
        Ask("sts:GetCallerIdentity", new Caller("111122223333", "arn:aws:sts::111122223333:assumed-role/detector-task/1"));

    public Task<QueueState> QueueAsync(string url, CancellationToken cancellation) => Ask("sqs:GetQueueAttributes", new QueueState(url, Queue));

    public Task<QueueState> QueueByArnAsync(string arn, CancellationToken cancellation) => Ask("sqs:GetQueueUrl", new QueueState(arn, Dead));

    public Task<IReadOnlyList<RuleState>> RulesAsync(string? bus, CancellationToken cancellation) =>
        Ask<IReadOnlyList<RuleState>>("events:ListRules", bus is null ? Rules : Forwarded);

    public Task<IReadOnlyList<string>> TargetsAsync(string? bus, string rule, CancellationToken cancellation) =>
        Ask<IReadOnlyList<string>>("events:ListTargetsByRule", Targets);

    public Task<bool> PassesAsync(string pattern, string envelope, CancellationToken cancellation)
    {
        Interlocked.Increment(ref Tried);
        return Ask("events:TestEventPattern", EventBridgeSemantics.Matches(pattern, envelope));
    }

    public Task<IReadOnlyList<TrailState>> TrailsAsync(CancellationToken cancellation) => Ask<IReadOnlyList<TrailState>>("cloudtrail:DescribeTrails", Trails);

    public Task<TrailStatus> TrailStatusAsync(string arn, CancellationToken cancellation) => Ask("cloudtrail:GetTrailStatus", Status);

    public Task<ManagementEvents> ManagementEventsAsync(string arn, CancellationToken cancellation) => Ask("cloudtrail:GetEventSelectors", Events);

    public Task<TopicState> TopicAsync(string arn, CancellationToken cancellation) => Ask("sns:GetTopicAttributes", new TopicState(Topic));

    public Task<IReadOnlyList<SubscriptionState>> SubscriptionsAsync(string arn, CancellationToken cancellation) =>
        Ask<IReadOnlyList<SubscriptionState>>("sns:ListSubscriptionsByTopic", Subscriptions);

    public void Dispose() { }

    private Task<T> Ask<T>(string permission, T answer) =>
        Denied.Contains(permission) ? Task.FromException<T>(new AwsCallException(permission, "AccessDenied", "AccessDenied (HTTP 403): no"))
        : Fails.TryGetValue(permission, out var code) ? Task.FromException<T>(new AwsCallException(permission, code, $"{code} (HTTP 400): no"))
        : Task.FromResult(answer);
}

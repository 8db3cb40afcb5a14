using Detector.App;
using Detector.App.Options;
using Detector.Tests.Rules;

namespace Detector.Tests.App;

/// <summary>Rules that watch over the detector know it by its own names.</summary>
public sealed class DeploymentNamesTests
{
    private static readonly Dictionary<string, string> Told = new(StringComparer.Ordinal)
    {
        ["DETECTOR_QUEUE__URL"] = "https://sqs.eu-west-1.amazonaws.com/111122223333/audit-feed",
        ["DETECTOR_SNS__TOPIC"] = "arn:aws:sns:eu-west-1:111122223333:pages",
        ["DETECTOR_DEPLOYMENT__RULES"] = "audit-*",
        ["DETECTOR_DEPLOYMENT__BUS"] = "audit",
        ["DETECTOR_DEPLOYMENT__DEAD_LETTERS"] = "audit-feed-dead",
        ["DETECTOR_DEPLOYMENT__ROLES"] = "audit-task,audit-execution",
        ["DETECTOR_DEPLOYMENT__KEY"] = "arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888",
        ["DETECTOR_DEPLOYMENT__SERVICE"] = "security/audit",
        ["DETECTOR_DEPLOYMENT__FILE_SYSTEM"] = "fs-0123456789abcdef0",
        ["DETECTOR_DEPLOYMENT__LEDGER_CLUSTER"] = "audit-ledger",
        ["DETECTOR_DEPLOYMENT__LOG_GROUP"] = "/audit",
        ["DETECTOR_DEPLOYMENT__ALARMS"] = "audit-queue-age,audit-heartbeat",
    };

    [Theory]
    [InlineData("events", "DisableRule", """{"name":"audit-1"}""", true)]
    [InlineData("events", "DisableRule", """{"name":"detector-1"}""", false)]
    [InlineData("sqs", "PurgeQueue", """{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/audit-feed"}""", true)]
    [InlineData("sqs", "PurgeQueue", """{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/audit-feed-dead"}""", true)]
    [InlineData("sqs", "PurgeQueue", """{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/444455556666/audit-feed"}""", false)]
    [InlineData("sns", "DeleteTopic", """{"topicArn":"arn:aws:sns:eu-west-1:111122223333:pages"}""", true)]
    [InlineData("sns", "Unsubscribe", """{"subscriptionArn":"arn:aws:sns:eu-west-1:111122223333:pages:0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"}""", true)]
    [InlineData("sns", "DeleteTopic", """{"topicArn":"arn:aws:sns:eu-west-1:111122223333:pages-of-others"}""", false)]
    [InlineData("iam", "DetachRolePolicy", """{"roleName":"audit-execution"}""", true)]
    [InlineData("iam", "DetachRolePolicy", """{"roleName":"detector-task"}""", false)]
    [InlineData("kms", "DisableKey", """{"keyId":"11112222-3333-4444-5555-666677778888"}""", true)]
    [InlineData("kms", "DisableKey", """{"keyId":"arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888"}""", true)]
    [InlineData("kms", "DisableKey", """{"keyId":"99992222-3333-4444-5555-666677778888"}""", false)]
    [InlineData("ecs", "UpdateService", """{"cluster":"security","service":"audit","desiredCount":0}""", true)]
    [InlineData(
        "ecs",
        "UpdateService",
        """{"cluster":"security","service":"arn:aws:ecs:eu-west-1:111122223333:service/security/audit","desiredCount":0}""",
        true
    )]
    [InlineData("ecs", "UpdateService", """{"cluster":"security","service":"audit","desiredCount":1}""", false)]
    [InlineData("elasticfilesystem", "DeleteFileSystem", """{"fileSystemId":"fs-0123456789abcdef0"}""", true)]
    [InlineData("events", "DeleteEventBus", """{"name":"audit"}""", true)]
    [InlineData("memorydb", "DeleteCluster", """{"clusterName":"audit-ledger"}""", true)]
    [InlineData("memorydb", "DeleteCluster", """{"clusterName":"detector-ledger"}""", false)]
    [InlineData("memorydb", "UpdateACL", """{"aCLName":"audit-ledger"}""", true)]
    [InlineData("memorydb", "DeleteSnapshot", """{"snapshotName":"automatic.audit-ledger-2026-11-15-05-10"}""", true)]
    [InlineData("memorydb", "DeleteSnapshot", """{"snapshotName":"automatic.audit-2026-11-15-05-10"}""", false)]
    [InlineData("monitoring", "DeleteAlarms", """{"alarmNames":["billing","audit-heartbeat"]}""", true)]
    [InlineData("monitoring", "DeleteAlarms", """{"alarmNames":["detector-heartbeat"]}""", false)]
    [InlineData("logs", "DeleteLogGroup", """{"logGroupName":"/audit"}""", true)]
    [InlineData("logs", "DeleteLogGroup", """{"logGroupName":"/audit-of-others"}""", false)]
    public void Placeholders_NamesThatWereTold_AreWhatTheRulesWatch(string source, string name, string request, bool fires) =>
        Assert.Equal(fires, Fires(Told, source, name, request));

    [Theory]
    [InlineData("sqs", "PurgeQueue", """{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/my-Detector-events"}""", true)]
    [InlineData("events", "DisableRule", """{"name":"audit-1"}""", false)]
    [InlineData("kms", "DisableKey", """{"keyId":"11112222-3333-4444-5555-666677778888"}""", false)]
    public void Placeholders_NothingTold_GoByName(string source, string name, string request, bool fires) =>
        Assert.Equal(fires, Fires(new(StringComparer.Ordinal), source, name, request));

    [Fact]
    public void Deployment_WrongNames_AreErrors()
    {
        var configuration = Configuration.Load(
            null,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["DETECTOR_DEPLOYMENT__RULES"] = "good,ba d",
                ["DETECTOR_DEPLOYMENT__SERVICE"] = "audit",
                ["DETECTOR_DEPLOYMENT__BUS"] = "%x%",
            },
            []
        );

        Assert.Equal(
            ["deployment.bus", "deployment.rules", "deployment.service"],
            configuration.Errors.Select(error => error.Key).Order(StringComparer.Ordinal)
        );
    }

    private static bool Fires(Dictionary<string, string> settings, string source, string name, string request)
    {
        var configuration = Configuration.Load(null, settings, []);
        Assert.Empty(configuration.Errors);
        var rules = RuleLoad.From(
            [Path.Combine(Places.Rules, "audit", "detector-tampering"), Path.Combine(Places.Rules, "audit", "detector-stopped")],
            configuration.Options
        );
        Assert.Empty(rules.Refused);
        var record = $$"""{"eventSource":"{{source}}.amazonaws.com","eventName":"{{name}}","requestParameters":{{request}}}""";
        return Matching.Run(rules.Rules, record)[0].Count > 0;
    }
}

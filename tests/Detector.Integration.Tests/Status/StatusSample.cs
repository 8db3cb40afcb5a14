using Detector.App.Status;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Status;

/// <summary>The status page of the documentation: an hour of an invented organisation, with one sink that does not answer.</summary>
internal static class StatusSample
{
    private static readonly DateTimeOffset Now = SlackSample.Told.AddMinutes(2);

    private static readonly Alert[] Alerts =
    [
        Told("trail-tampering", "Trail stopped or weakened", Level.Critical, 14, "StopLogging", "user/alice", "203.0.113.77"),
        Told("admin-grant", "Administrator rights granted", Level.High, 55, "AttachUserPolicy", "user/alice", "203.0.113.77"),
        Told("access-key-created-without-mfa", "Access key created without MFA", Level.High, 90, "CreateAccessKey", "user/alice", "203.0.113.77"),
        Told("denied-burst", "Many calls denied", Level.Medium, 230, "GetSecretValue", "assumed-role/deploy/pipeline-1138", "198.51.100.24", "444455556666"),
        Told("key-pair-imported", "Key pair imported", Level.Medium, 1500, "ImportKeyPair", "assumed-role/OpsAdmin/bob", "198.51.100.9", region: "eu-west-1"),
        Told("root-usage", "Root user at work", Level.High, 2460, "ConsoleLogin", "root", "192.0.2.14", "777788889999"),
    ];

    public static StatusReport Report { get; } =
        new(
            "1.4.0",
            Now.AddDays(-9),
            "sqs detector-events",
            118,
            Now.AddMinutes(-2),
            new LiveNumbers(
                Now,
                Events: 300_402_911,
                Rejected: 2,
                [new RateNumbers(1, 21_430, 1), new RateNumbers(10, 238_012, 4), new RateNumbers(60, 1_390_404, 6)],
                Answered: Now.AddSeconds(-1),
                Received: Now.AddSeconds(-1),
                NewestEvent: Now.AddSeconds(-14),
                [.. Alerts.Select(alert => new TakenAlert(alert, alert.Events[0].EventTime!.Value.AddSeconds(30)))],
                new Dictionary<string, SinkStatus>(StringComparer.Ordinal)
                {
                    ["slack"] = new()
                    {
                        Delivered = 412,
                        LastDelivered = Now.AddMinutes(-4),
                        LastFailure = Now.AddSeconds(-20),
                        Reason = "HTTP 503",
                    },
                    ["sns"] = new() { Delivered = 96, LastDelivered = Now.AddSeconds(-9) },
                },
                [.. Alerts.Select((alert, i) => new RuleStatus(alert.Rule, 7 - i, alert.Events[0].EventTime!.Value.AddSeconds(30)))],
                [new HiddenStatus("load-test-in-staging", Alerts[3].Rule, 38, Now.AddMinutes(-12))]
            ),
            [
                new RuleCost("admin-grant", 31_240_300, TimeSpan.FromSeconds(119)),
                new RuleCost("denied-burst", 300_402_850, TimeSpan.FromSeconds(81)),
                new RuleCost("root-usage", 300_402_850, TimeSpan.FromSeconds(42)),
            ],
            [("slack", Level.Medium, new OutboxState(2, Now.AddMinutes(-2))), ("sns", Level.High, new OutboxState(0, null))],
            Complaints: [],
            Worries: []
        );

    private static Alert Told(
        string rule,
        string title,
        Level level,
        int secondsAgo,
        string call,
        string actor,
        string address,
        string account = "111122223333",
        string region = "us-east-1"
    ) =>
        SlackSample.AdminGrant.Alert with
        {
            Id = AlertId.Of("status", rule),
            Rule = SlackSample.AdminGrant.Alert.Rule with { Id = rule, Name = rule, Title = title, Level = level },
            Events = [SlackSample.AdminGrant.Alert.Events[0] with { EventName = call, EventTime = Now.AddSeconds(-secondsAgo) }],
            Facts = SlackSample.AdminGrant.Alert.Facts with
            {
                Actor = $"arn:aws:{(actor.StartsWith("assumed", StringComparison.Ordinal) ? "sts" : "iam")}::{account}:{actor}",
                Account = account,
                Region = region,
                EventName = call,
                SourceAddress = address,
            },
        };
}

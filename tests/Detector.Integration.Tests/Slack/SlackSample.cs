using Detector.Adapters.Enrichers;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Rules;

namespace Detector.Integration.Tests.Slack;

/// <summary>The alert of the picture in the README: an invented user is made administrator in an invented account.</summary>
internal static class SlackSample
{
    public static readonly DateTimeOffset Happened = new(2026, 3, 5, 12, 3, 11, TimeSpan.Zero);

    public static readonly DateTimeOffset Told = Happened.AddSeconds(41);

    public static Dispatch AdminGrant { get; } =
        new(
            new Alert
            {
                Id = AlertId.Of("sample", "admin-grant"),
                Rule = new AlertRule(
                    "5c4c1f6e-6f0a-4a43-9d57-0e1f3f6f2b11",
                    "admin-grant",
                    "Administrator rights granted",
                    Level.High,
                    ["attack.t1098.003", "detector.admin-grant"],
                    "Whoever has these rights can read, change and delete everything in the account, and hide it. Attackers grant them to keep their way in.",
                    "Ask the caller's owner whether this was planned. If nobody knows of it, detach the policy and disable the caller's access keys."
                ),
                Kind = AlertKind.Plain,
                Events = [new AlertEvent("7f0d3c1a-52be-4a0e-9c55-8f7e6b1d2a90", Happened, "AttachUserPolicy", "sqs:trail", 0)],
                Facts = new AlertFacts
                {
                    Actor = "arn:aws:iam::111122223333:user/alice",
                    ActorType = "IAMUser",
                    AccessKeyId = "AKIAEXAMPLEALICE0001",
                    Account = "111122223333",
                    Region = "us-east-1",
                    EventSource = "iam.amazonaws.com",
                    EventName = "AttachUserPolicy",
                    SourceAddress = "203.0.113.77",
                    UserAgent = "aws-cli/2.17.4 Python/3.11.8 Linux/6.1",
                    Mfa = "no",
                    Targets = ["userName=build-agent", "policyArn=arn:aws:iam::aws:policy/AdministratorAccess"],
                },
            },
            "slack",
            1
        );

    /// <summary>What is known besides.</summary>
    public static AlertContext Context { get; } =
        new()
        {
            AccountName = "payments-prod",
            Place = "Amsterdam, Netherlands",
            Network = "AS64496 Example Hosting",
            Country = "NL",
            FirstSeen = ["alert of this rule", "alert from this address", "alert from this country"],
            Calls =
            [
                new RecentCall(Happened.AddSeconds(-95), "GetCallerIdentity", "203.0.113.77", null),
                new RecentCall(Happened.AddSeconds(-71), "ListUsers", "203.0.113.77", null),
                new RecentCall(Happened.AddSeconds(-22), "CreateUser", "203.0.113.77", "AccessDenied"),
            ],
            Steps =
            [
                "See what the user, group or role may do now.",
                "Ask the caller's owner by a channel outside this account.",
                "See what else the caller did since.",
            ],
        };

    /// <summary>The same actor does it again, and again.</summary>
    public static IReadOnlyList<Dispatch> Incident { get; } =
    [
        AdminGrant,
        AdminGrant with
        {
            Alert = Again("deploy-agent", 4, "3d1f6a7e-8a55-4d0e-9d21-14b1f5a0c6aa"),
        },
        AdminGrant with
        {
            Alert = Again("backup-agent", 11, "c9a0b3f2-6e0e-4d9a-8a6f-5bb1f9a7e0d4"),
        },
    ];

    /// <summary>Somebody with a stolen key tries everything, and a pipeline runs into it.</summary>
    public static Digest Storm { get; } =
        new(
            AlertId.Of("sample", "digest"),
            "slack",
            1,
            [
                .. Many(312, "admin-grant", "Administrator rights granted", Level.High, "user/alice"),
                .. Many(41, "admin-grant", "Administrator rights granted", Level.High, "assumed-role/deploy/pipeline-1138"),
                .. Many(187, "access-key-created", "Access key created for another user", Level.Medium, "user/alice"),
                .. Many(9, "access-key-created", "Access key created for another user", Level.Medium, "assumed-role/OpsAdmin/bob"),
                .. Many(1, "trail-stopped", "Recording of the trail was stopped", Level.Critical, "user/alice"),
                .. Many(64, "denied-burst", "Many calls were denied", Level.Low, "user/alice", "444455556666"),
            ]
        );

    private static IEnumerable<Dispatch> Many(int count, string rule, string title, Level level, string actor, string account = "111122223333") =>
        Enumerable
            .Range(0, count)
            .Select(i =>
                AdminGrant with
                {
                    Alert = AdminGrant.Alert with
                    {
                        Id = AlertId.Of(rule, actor, $"{i}"),
                        Rule = AdminGrant.Alert.Rule with { Id = rule, Name = rule, Title = title, Level = level },
                        Events = [AdminGrant.Alert.Events[0] with { EventTime = Happened.AddSeconds(i * 0.7) }],
                        Facts = AdminGrant.Alert.Facts with
                        {
                            Actor = $"arn:aws:{(actor.StartsWith("user/", StringComparison.Ordinal) ? "iam" : "sts")}::{account}:{actor}",
                            Account = account,
                        },
                    },
                }
            );

    private static Alert Again(string user, int minutes, string id) =>
        AdminGrant.Alert with
        {
            Id = AlertId.Of("sample", user),
            Events = [AdminGrant.Alert.Events[0] with { EventId = id, EventTime = Happened.AddMinutes(minutes) }],
            Facts = AdminGrant.Alert.Facts with { Targets = [$"userName={user}", "policyArn=arn:aws:iam::aws:policy/AdministratorAccess"] },
        };
}

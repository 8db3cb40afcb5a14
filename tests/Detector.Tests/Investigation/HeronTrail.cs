using System.Globalization;
using System.Text.Json.Nodes;

namespace Detector.Tests.Investigation;

/// <summary>
/// The records of docs/investigating.md: three days of two accounts of Heron Freight, which nobody has ever heard of, the same whenever they are made. A key leaks,
/// and whoever finds it goes from looking around to instances of his own in the second account, and then over his traces.
/// </summary>
internal sealed class HeronTrail
{
    public const string Main = "111122223333";
    public const string Build = "444455556666";

    private const string Intruder = "203.0.113.77";
    private const string Office = "198.51.100.24";
    private const string LeakedKey = "AKIAEXAMPLE00UPLOADS";
    private const string NewKey = "AKIAEXAMPLE0METRICS0";

    private readonly Random _random = new(20261103);
    private readonly List<(string Account, DateTimeOffset Time, JsonObject Record)> _records = [];

    /// <summary>When the first hour begins.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 11, 3, 6, 0, 0, TimeSpan.Zero);

    /// <summary>Hours of the archive.</summary>
    public const int Hours = 60;

    /// <summary>All records, with the account whose trail holds each, in the order of their times.</summary>
    public static IReadOnlyList<(string Account, DateTimeOffset Time, JsonObject Record)> Records()
    {
        var trail = new HeronTrail();
        trail.Weekdays();
        trail.Break();
        trail.Climb();
        trail.Cross();
        trail.Cover();
        return [.. trail._records.OrderBy(one => one.Time)];
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-11-{time}Z", CultureInfo.InvariantCulture);

    /// <summary>What a working company does all day: people by single sign-on, a pipeline, machines, AWS's own services.</summary>
    private void Weekdays()
    {
        string[] people = ["ines.duarte@heron.example", "tomas.reyes@heron.example"];
        (string Source, string Name, bool IsRead)[] calls =
        [
            ("ec2", "DescribeInstances", true),
            ("ec2", "DescribeVolumes", true),
            ("s3", "ListBuckets", true),
            ("cloudwatch", "DescribeAlarms", true),
            ("ecs", "DescribeServices", true),
            ("logs", "DescribeLogGroups", true),
            ("ecs", "UpdateService", false),
        ];
        for (var hour = 0; hour < Hours; hour++)
        {
            var time = Start.AddHours(hour);
            if (time.Hour is >= 7 and < 18)
            {
                var person = people[hour % 2];
                var session = Role(Main, "AWSReservedSSO_Platform_1f2e3d4c5b6a7980", person, $"ASIAEXAMPLEHERON{hour:D4}", mfa: true);
                for (var n = 0; n < 6; n++)
                {
                    var (source, name, isRead) = calls[_random.Next(calls.Length)];
                    Add(
                        Main,
                        time.AddSeconds(_random.Next(3500)),
                        session,
                        Office,
                        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
                        source,
                        name,
                        isRead
                    );
                }
            }
            if (time.Hour % 4 == 0)
                Deploy(time.AddMinutes(11), hour);
            foreach (var account in (string[])[Main, Build])
                Add(
                    account,
                    time.AddSeconds(_random.Next(3500)),
                    new JsonObject { ["type"] = "AWSService", ["invokedBy"] = "autoscaling.amazonaws.com" },
                    "autoscaling.amazonaws.com",
                    "autoscaling.amazonaws.com",
                    "ec2",
                    "DescribeInstanceStatus",
                    true
                );
            // The job whose key will leak.
            Add(Main, time.AddMinutes(2), User("backup-uploader", LeakedKey), "198.51.100.90", "aws-cli/2.31.0 md/Botocore", "s3", "ListBuckets", true);
        }
    }

    /// <summary>The pipeline, by a token of its repository.</summary>
    private void Deploy(DateTimeOffset time, int hour)
    {
        var key = $"ASIAEXAMPLEDEPLY{hour:D4}";
        var (role, session) = ("heron-deploy", $"run-{4000 + hour}");
        var record = Add(
            Main,
            time,
            new JsonObject
            {
                ["type"] = "WebIdentityUser",
                ["principalId"] =
                    "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:heron-freight/site:ref:refs/heads/main",
                ["userName"] = "repo:heron-freight/site:ref:refs/heads/main",
                ["identityProvider"] = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
            },
            "192.0.2.40",
            "aws-sdk-js/3.900.0",
            "sts",
            "AssumeRoleWithWebIdentity",
            true,
            new JsonObject { ["roleArn"] = $"arn:aws:iam::{Main}:role/{role}", ["roleSessionName"] = session }
        );
        Answer(record, Main, role, session, key);
        foreach (var name in (string[])["UpdateService", "RegisterTaskDefinition"])
            Add(Main, time.AddSeconds(9), Role(Main, role, session, key, mfa: false), "192.0.2.40", "aws-sdk-js/3.900.0", "ecs", name, false);
    }

    /// <summary>Tuesday night: the key was in a public repository for an hour. He looks what it can do, and is refused nearly everything.</summary>
    private void Break()
    {
        var time = At("03 22:14:07");
        var user = User("backup-uploader", LeakedKey);
        Add(Main, time, user, Intruder, Cli, "sts", "GetCallerIdentity", true);
        string[] tried =
        [
            "iam:ListUsers",
            "iam:ListRoles",
            "iam:GetAccountAuthorizationDetails",
            "iam:GetAccountPasswordPolicy",
            "iam:ListAccessKeys",
            "ec2:DescribeInstances",
            "ec2:DescribeKeyPairs",
            "ec2:DescribeSecurityGroups",
            "secretsmanager:ListSecrets",
            "kms:ListKeys",
            "rds:DescribeDBInstances",
            "lambda:ListFunctions20150331",
            "organizations:DescribeOrganization",
            "organizations:ListAccounts",
            "cloudtrail:DescribeTrails",
            "guardduty:ListDetectors",
            "ssm:DescribeParameters",
            "dynamodb:ListTables",
            "ecr:DescribeRepositories",
            "sns:ListTopics",
            "sqs:ListQueues",
            "config:DescribeConfigurationRecorders",
            "eks:ListClusters",
        ];
        foreach (var (n, call) in tried.Index())
            Denied(Add(Main, time.AddSeconds(20 + 9 * n), user, Intruder, Cli, call.Split(':')[0], call.Split(':')[1], true));
        // What it may: see its own policy.
        Add(Main, time.AddMinutes(6), user, Intruder, Cli, "iam", "ListAttachedUserPolicies", true, new JsonObject { ["userName"] = "backup-uploader" });
        Add(Main, time.AddMinutes(7), user, Intruder, Cli, "iam", "GetPolicyVersion", true, new JsonObject { ["policyArn"] = Policy, ["versionId"] = "v3" });
    }

    /// <summary>Wednesday, after one: the policy lets its holder write new versions of it. Then he makes himself a way back in.</summary>
    private void Climb()
    {
        var time = At("04 01:31:40");
        var user = User("backup-uploader", LeakedKey);
        var all = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";
        Add(
            Main,
            time,
            user,
            Intruder,
            Cli,
            "iam",
            "CreatePolicyVersion",
            false,
            new JsonObject
            {
                ["policyArn"] = Policy,
                ["policyDocument"] = all,
                ["setAsDefault"] = true,
            }
        );
        Add(Main, time.AddMinutes(2), user, Intruder, Cli, "iam", "ListUsers", true);
        Add(Main, time.AddMinutes(3), user, Intruder, Cli, "iam", "ListRoles", true);
        Add(Main, time.AddMinutes(5), user, Intruder, Cli, "iam", "CreateUser", false, new JsonObject { ["userName"] = "metrics-agent" });
        Add(
            Main,
            time.AddMinutes(6),
            user,
            Intruder,
            Cli,
            "iam",
            "AttachUserPolicy",
            false,
            new JsonObject { ["userName"] = "metrics-agent", ["policyArn"] = "arn:aws:iam::aws:policy/AdministratorAccess" }
        );
        var made = Add(Main, time.AddMinutes(7), user, Intruder, Cli, "iam", "CreateAccessKey", false, new JsonObject { ["userName"] = "metrics-agent" });
        made["responseElements"] = new JsonObject
        {
            ["accessKey"] = new JsonObject
            {
                ["accessKeyId"] = NewKey,
                ["userName"] = "metrics-agent",
                ["status"] = "Active",
            },
        };
        Add(Main, time.AddMinutes(12), User("metrics-agent", NewKey), Intruder, Cli, "sts", "GetCallerIdentity", true);
    }

    /// <summary>Half an hour later: over a role that the build account trusts, and on from there by a second one.</summary>
    private void Cross()
    {
        var time = At("04 02:06:13");
        const string first = "ASIAEXAMPLEHOP100001";
        const string second = "ASIAEXAMPLEHOP200002";
        Assume(time, Main, User("metrics-agent", NewKey), "build-operator", "metrics", first, shared: true);
        var operatorSession = Role(Build, "build-operator", "metrics", first, mfa: false);
        Add(Build, time.AddMinutes(1), operatorSession, Intruder, Cli, "ec2", "DescribeRegions", true);
        Assume(time.AddMinutes(3), Build, operatorSession, "image-factory", "i", second, shared: false);
        var factory = Role(Build, "image-factory", "i", second, mfa: false);
        Add(
            Build,
            time.AddMinutes(5),
            factory,
            Intruder,
            Cli,
            "ec2",
            "ImportKeyPair",
            false,
            new JsonObject { ["keyName"] = "default", ["publicKeyMaterial"] = "c3NoLWVkMjU1MTk=" }
        );
        var permission = new JsonObject
        {
            ["groupId"] = "sg-0a1b2c3d4e5f60718",
            ["ipPermissions"] = new JsonObject
            {
                ["items"] = new JsonArray(
                    new JsonObject
                    {
                        ["ipProtocol"] = "tcp",
                        ["fromPort"] = 22,
                        ["toPort"] = 22,
                        ["ipRanges"] = new JsonObject { ["items"] = new JsonArray(new JsonObject { ["cidrIp"] = "0.0.0.0/0" }) },
                    }
                ),
            },
        };
        Add(Build, time.AddMinutes(6), factory, Intruder, Cli, "ec2", "AuthorizeSecurityGroupIngress", false, permission);
        for (var n = 0; n < 3; n++)
            Add(
                Build,
                time.AddMinutes(8 + n),
                factory,
                Intruder,
                Cli,
                "ec2",
                "RunInstances",
                false,
                new JsonObject
                {
                    ["instancesSet"] = new JsonObject
                    {
                        ["items"] = new JsonArray(
                            new JsonObject
                            {
                                ["imageId"] = "ami-0123456789abcdef0",
                                ["keyName"] = "default",
                                ["minCount"] = 4,
                                ["maxCount"] = 4,
                            }
                        ),
                    },
                    ["instanceType"] = "g5.12xlarge",
                }
            );
    }

    /// <summary>Thursday, before dawn: the trail is switched off for a while, and what can be taken back is.</summary>
    private void Cover()
    {
        var time = At("05 03:20:31");
        var user = User("metrics-agent", NewKey);
        Add(Main, time, user, Intruder, Cli, "cloudtrail", "DescribeTrails", true);
        Add(Main, time.AddMinutes(1), user, Intruder, Cli, "cloudtrail", "StopLogging", false, new JsonObject { ["name"] = Trail });
        Add(Main, At("05 05:02:10"), user, Intruder, Cli, "cloudtrail", "StartLogging", false, new JsonObject { ["name"] = Trail });
        Add(
            Main,
            At("05 05:04:00"),
            user,
            Intruder,
            Cli,
            "iam",
            "DeleteAccessKey",
            false,
            new JsonObject { ["userName"] = "backup-uploader", ["accessKeyId"] = LeakedKey }
        );
        Add(Main, At("05 05:05:30"), user, Intruder, Cli, "iam", "DeletePolicyVersion", false, new JsonObject { ["policyArn"] = Policy, ["versionId"] = "v4" });
    }

    private const string Cli = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024";
    private const string Policy = "arn:aws:iam::111122223333:policy/backup-upload";
    private const string Trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/heron";

    private static JsonObject User(string name, string key) =>
        new()
        {
            ["type"] = "IAMUser",
            ["principalId"] = $"AIDAEXAMPLE{name.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant(), 10}"[..21],
            ["arn"] = $"arn:aws:iam::{Main}:user/{name}",
            ["accountId"] = Main,
            ["accessKeyId"] = key,
            ["userName"] = name,
        };

    private static JsonObject Role(string account, string role, string session, string key, bool mfa) =>
        new()
        {
            ["type"] = "AssumedRole",
            ["principalId"] = $"{RoleId(role)}:{session}",
            ["arn"] = $"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            ["accountId"] = account,
            ["accessKeyId"] = key,
            ["sessionContext"] = new JsonObject
            {
                ["sessionIssuer"] = new JsonObject
                {
                    ["type"] = "Role",
                    ["principalId"] = RoleId(role),
                    ["arn"] =
                        $"arn:aws:iam::{account}:role/{(role.StartsWith("AWSReservedSSO_", StringComparison.Ordinal) ? "aws-reserved/sso.amazonaws.com/" : "")}{role}",
                    ["accountId"] = account,
                    ["userName"] = role,
                },
                ["attributes"] = new JsonObject { ["creationDate"] = "2026-11-04T02:06:13Z", ["mfaAuthenticated"] = mfa ? "true" : "false" },
            },
        };

    private static string RoleId(string role) => $"AROAEXAMPLE{role.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant()}0000000000"[..21];

    /// <summary>A role of the build account is assumed: both accounts record it, if it is from outside.</summary>
    private void Assume(DateTimeOffset time, string account, JsonObject by, string role, string session, string key, bool shared)
    {
        var asked = new JsonObject { ["roleArn"] = $"arn:aws:iam::{Build}:role/{role}", ["roleSessionName"] = session };
        var record = Add(account, time, by, Intruder, Cli, "sts", "AssumeRole", true, asked);
        Answer(record, Build, role, session, key);
        if (!shared)
            return;
        record["sharedEventID"] = "5b0a7c44-9d21-4f6e-8a3c-1d2e3f405162";
        var theirs = Add(
            Build,
            time,
            new JsonObject
            {
                ["type"] = "AWSAccount",
                ["principalId"] = by["principalId"]!.DeepClone(),
                ["accountId"] = account,
            },
            Intruder,
            Cli,
            "sts",
            "AssumeRole",
            true,
            (JsonObject)asked.DeepClone()
        );
        Answer(theirs, Build, role, session, key);
        theirs["sharedEventID"] = record["sharedEventID"]!.DeepClone();
    }

    private static void Answer(JsonObject record, string account, string role, string session, string key) =>
        record["responseElements"] = new JsonObject
        {
            ["credentials"] = new JsonObject { ["accessKeyId"] = key, ["expiration"] = "Nov 4, 2026, 3:06:13 AM" },
            ["assumedRoleUser"] = new JsonObject
            {
                ["assumedRoleId"] = $"{RoleId(role)}:{session}",
                ["arn"] = $"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            },
        };

    private static void Denied(JsonObject record)
    {
        record["errorCode"] = "AccessDenied";
        record["errorMessage"] = "User is not authorized to perform this action";
    }

    private JsonObject Add(
        string account,
        DateTimeOffset time,
        JsonObject identity,
        string address,
        string agent,
        string service,
        string name,
        bool isRead,
        JsonObject? asked = null
    )
    {
        var record = new JsonObject
        {
            ["eventVersion"] = "1.11",
            ["userIdentity"] = identity.DeepClone(),
            ["eventTime"] = time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["eventSource"] = service is "cloudwatch" ? "monitoring.amazonaws.com" : $"{service}.amazonaws.com",
            ["eventName"] = name,
            ["awsRegion"] = "us-east-1",
            ["sourceIPAddress"] = address,
            ["userAgent"] = agent,
            ["requestParameters"] = asked,
            ["responseElements"] = null,
            ["requestID"] = Id(),
            ["eventID"] = Id(),
            ["readOnly"] = isRead,
            ["eventType"] = "AwsApiCall",
            ["managementEvent"] = true,
            ["recipientAccountId"] = account,
            ["eventCategory"] = "Management",
        };
        _records.Add((account, time, record));
        return record;
    }

    private string Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        (bytes[7], bytes[8]) = ((byte)(0x40 | (bytes[7] & 0xf)), (byte)(0x80 | (bytes[8] & 0x3f)));
        return new Guid(bytes).ToString();
    }
}

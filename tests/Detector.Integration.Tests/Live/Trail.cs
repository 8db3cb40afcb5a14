using System.Globalization;
using System.Text.Json.Nodes;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// Invented CloudTrail records, and the wrappings in which they travel. Each record carries a mark as its user agent, which every sink shows: by
/// it an alert is known without asking the program under test.
/// </summary>
internal static class Trail
{
    private const string Account = "111122223333";
    private static int _ids;
    private static int _looks;

    private static readonly string[] LookingAround =
    [
        "DescribeAddresses",
        "DescribeImages",
        "DescribeInstances",
        "DescribeKeyPairs",
        "DescribeRegions",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeSubnets",
        "DescribeVolumes",
        "DescribeVpcs",
    ];

    /// <summary>key-pair-import, medium.</summary>
    public static JsonObject KeyPairImport(string mark) => Call("ec2.amazonaws.com", "ImportKeyPair", mark, new JsonObject { ["keyName"] = mark });

    /// <summary>admin-grant, critical.</summary>
    public static JsonObject AdminGrant(string mark) => Attach(mark, "AdministratorAccess");

    /// <summary>access-key-created-without-mfa, high.</summary>
    public static JsonObject AccessKey(string mark) => Call("iam.amazonaws.com", "CreateAccessKey", mark, new JsonObject { ["userName"] = "somebody-else" });

    /// <summary>root-usage, high; once an hour from an address.</summary>
    public static JsonObject RootUse(string mark, string address)
    {
        var record = Call("s3.amazonaws.com", "ListBuckets", mark, null);
        record["userIdentity"] = new JsonObject
        {
            ["type"] = "Root",
            ["principalId"] = Account,
            ["arn"] = $"arn:aws:iam::{Account}:root",
            ["accountId"] = Account,
        };
        record["sourceIPAddress"] = address;
        return record;
    }

    /// <summary>Ten of these by one user within five minutes, each a different call: denied-burst, medium.</summary>
    /// <param name="mark">The mark.</param>
    /// <param name="number">Tells which call it is: ten that follow each other differ. Tests run side by side, so none may count them for another.</param>
    public static JsonObject Denied(string mark, int number)
    {
        var record = Call("ec2.amazonaws.com", LookingAround[number % LookingAround.Length], mark, null);
        record["errorCode"] = "Client.UnauthorizedOperation";
        return record;
    }

    /// <summary>A call of a service that there is not: for rules of a test's own.</summary>
    public static JsonObject Own(string mark) => Call("drill.amazonaws.com", "DrillCall", mark, null);

    /// <summary>A role's session looks around, as programs do all day.</summary>
    public static JsonObject Looking(string mark, string role, string session)
    {
        var record = Call("ec2.amazonaws.com", LookingAround[Interlocked.Increment(ref _looks) % LookingAround.Length], mark, null);
        record["userIdentity"] = new JsonObject
        {
            ["type"] = "AssumedRole",
            ["principalId"] = $"AROAEXAMPLE{role}:{session}",
            ["arn"] = $"arn:aws:sts::{Account}:assumed-role/{role}/{session}",
            ["accountId"] = Account,
            ["accessKeyId"] = $"ASIAEXAMPLE{role}{session}",
        };
        record["readOnly"] = true;
        return record;
    }

    /// <summary>The same by one of a few users, each with a key of its own: what many do with one key is an alert by itself.</summary>
    public static JsonObject Session(JsonObject record, int number)
    {
        record["userIdentity"]!["arn"] = $"arn:aws:iam::{Account}:user/somebody-{number}";
        record["userIdentity"]!["userName"] = $"somebody-{number}";
        record["userIdentity"]!["accessKeyId"] = $"AKIAEXAMPLE{number:000000000}";
        return record;
    }

    /// <summary>Looks much like admin-grant and is none.</summary>
    public static JsonObject Quiet(string mark) => Attach(mark, "ReadOnlyAccess");

    /// <summary>An administrator's act if history knows the group as one of administrators.</summary>
    public static JsonObject IntoGroup(string mark, string group) =>
        Call("iam.amazonaws.com", "AddUserToGroup", mark, new JsonObject { ["userName"] = $"member-{mark}", ["groupName"] = group });

    public static JsonObject At(this JsonObject record, DateTimeOffset time)
    {
        record["eventTime"] = time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return record;
    }

    /// <summary>The envelope of EventBridge, with an id of its own each time.</summary>
    public static string EventBridge(JsonObject record) =>
        new JsonObject
        {
            ["version"] = "0",
            ["id"] = NewId(),
            ["detail-type"] = "AWS API Call via CloudTrail",
            ["source"] = "aws.iam",
            ["account"] = Account,
            ["time"] = record["eventTime"]!.DeepClone(),
            ["region"] = "eu-central-1",
            ["resources"] = new JsonArray(),
            ["detail"] = record.DeepClone(),
        }.ToJsonString();

    /// <summary>What SNS makes of a message for a queue.</summary>
    public static string Sns(string message) =>
        new JsonObject
        {
            ["Type"] = "Notification",
            ["MessageId"] = NewId(),
            ["TopicArn"] = $"arn:aws:sns:eu-central-1:{Account}:trail",
            ["Message"] = message,
        }.ToJsonString();

    public static string Records(params string[] records) => $$"""{"Records":[{{string.Join(',', records)}}]}""";

    private static JsonObject Attach(string mark, string policy) =>
        Call("iam.amazonaws.com", "AttachGroupPolicy", mark, new JsonObject { ["groupName"] = mark, ["policyArn"] = $"arn:aws:iam::aws:policy/{policy}" });

    public static JsonObject Call(string service, string name, string mark, JsonObject? parameters) =>
        new JsonObject
        {
            ["eventVersion"] = "1.11",
            ["userIdentity"] = new JsonObject
            {
                ["type"] = "IAMUser",
                ["arn"] = $"arn:aws:iam::{Account}:user/{mark}",
                ["accountId"] = Account,
                ["accessKeyId"] = "AKIAEXAMPLEDRILL0001",
                ["userName"] = mark,
            },
            ["eventTime"] = "",
            ["eventSource"] = service,
            ["eventName"] = name,
            ["awsRegion"] = "eu-central-1",
            ["sourceIPAddress"] = "203.0.113.77",
            ["userAgent"] = mark,
            ["requestParameters"] = parameters,
            ["responseElements"] = null,
            ["eventID"] = NewId(),
            ["eventType"] = "AwsApiCall",
            ["recipientAccountId"] = Account,
        }.At(DateTimeOffset.UtcNow);

    private static string NewId() => new Guid(Interlocked.Increment(ref _ids), 7, 7, 1, 1, 1, 1, 1, 1, 1, 1).ToString();
}

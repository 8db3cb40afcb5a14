using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Detector.App.RuleTests.Mutations;

/// <summary>A change of a case after which it shows the same attack as before.</summary>
/// <param name="Name">What rule files call it.</param>
/// <param name="Meaning">What it does, for people.</param>
/// <param name="Apply">Changes the records, which are its own, and gives the case's bytes.</param>
/// <param name="Concerns">Whether rules that ask for these fields must stand it; null for all.</param>
internal sealed record Mutation(string Name, string Meaning, Func<List<JsonObject>, byte[]> Apply, Func<IReadOnlyCollection<string>, bool>? Concerns = null);

/// <summary>Every change that a rule must stand.</summary>
internal static partial class Preserving
{
    private const string Unknown = "addedByMutation";

    private static readonly string[] OtherRegions =
    [
        "af-south-1",
        "ap-east-1",
        "ap-northeast-3",
        "ap-southeast-3",
        "ca-west-1",
        "eu-central-2",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "mx-central-1",
        "sa-east-1",
        "us-west-1",
        "ap-south-2",
        "ap-southeast-5",
        "eu-north-1",
        "eu-south-1",
    ];

    private static readonly string[] PolicyLists = ["Action", "NotAction", "Resource", "NotResource", "Statement", "AWS", "Service", "Federated"];

    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("key-order", "the members of every map in the contrary order", Each(Reversed)),
        new("white-space", "indented", records => Json.Write(new JsonArray([.. records]), indented: true)),
        new("escapes", "every character of names and texts escaped", records => Encoding.ASCII.GetBytes(Escaped(new JsonArray([.. records])))),
        new("records", "wrapped as in a trail file", records => Json.Write(new JsonObject { ["Records"] = new JsonArray([.. records]) })),
        new("eventbridge", "each record in an envelope of EventBridge", records => Json.Write(records.Select(Enveloped))),
        new("json-lines", "one record a line", records => [.. records.SelectMany(record => Json.Write(record).Append((byte)'\n'))]),
        new("delivery-order", "the events in the contrary order", records => Json.Write(Enumerable.Reverse(records))),
        new("delivered-twice", "each event twice", records => Json.Write(records.SelectMany(record => new[] { record, record }))),
        new(
            "policy-white-space",
            "documents inside texts, such as policies, indented",
            Each(record => Documents(record, document => Json.Text(document, indented: true)))
        ),
        new(
            "policy-key-order",
            "documents inside texts with their members in the contrary order",
            Each(record => Documents(record, document => Json.Text(Reversed(document))))
        ),
        new("policy-lists", "lists of one element in policies as that element", Each(record => Policies(record, Unlisted))),
        new("policy-texts", "single texts and statements in policies as lists of one", Each(record => Policies(record, Listed))),
        new("policy-encoded", "policies of IAM URL-encoded", Each(Encoded)),
        new("numbers-as-text", "numbers of the request as texts", Each(record => Retype(record, JsonValueKind.Number))),
        new("mfa-as-boolean", "mfaAuthenticated as true or false, not as text", Each(MfaAsBoolean)),
        new("ingress-flat", "one permission of a security group as the old form of the request says it", Each(Flat)),
        new("ingress-nested", "the old form of a request for a security group as the new one", Each(Nested)),
        new("partition-aws", "every ARN of the partition aws", Each(record => Partition(record, "aws"))),
        new("partition-aws-us-gov", "every ARN of the partition aws-us-gov", Each(record => Partition(record, "aws-us-gov"))),
        new("partition-aws-cn", "every ARN of the partition aws-cn", Each(record => Partition(record, "aws-cn"))),
        new("no-session-context", "no sessionContext, as of a long-term key", Each(NoSession), fields => !fields.Any(AsksForSession)),
        new("user-agent", "another user agent", Each(record => Set(record, "userAgent", "[S3Console/0.4, mutation/1.0]"))),
        new("region", "other regions", Regions),
        new("account", "other accounts", Each(Accounts)),
        new("unknown-fields", "more fields than CloudTrail has today", Each(MoreFields)),
        new("null-errors", "errorCode and errorMessage there and null", Each(NullErrors)),
    ];

    private static Func<List<JsonObject>, byte[]> Each(Func<JsonObject, JsonNode> change) =>
        records => Json.Write(records.Select(record => (JsonObject)change(record)));

    private static JsonNode Reversed(JsonNode node)
    {
        switch (node)
        {
            case JsonObject map:
                var members = map.Select(member => (member.Key, Value: member.Value is null ? null : Reversed(member.Value))).Reverse().ToList();
                var reversed = new JsonObject();
                foreach (var (key, value) in members)
                    reversed[key] = value?.DeepClone();
                return reversed;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : Reversed(item).DeepClone())]);
            default:
                return node;
        }
    }

    private static string Escaped(JsonNode? node) =>
        node switch
        {
            null => "null",
            JsonObject map => $"{{{string.Join(',', map.Select(member => $"{Escaped(member.Key)}:{Escaped(member.Value)}"))}}}",
            JsonArray list => $"[{string.Join(',', list.Select(Escaped))}]",
            _ => node.AsText() is { } text ? Escaped(text) : Json.Text(node),
        };

    private static string Escaped(string text) => $"\"{string.Concat(text.Select(c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")))}\"";

    private static JsonObject Enveloped(JsonObject record) =>
        new()
        {
            ["version"] = "0",
            ["id"] = "7bf73129-1428-4cd3-a780-95db273d1602",
            ["detail-type"] = record["eventType"].AsText() == "AwsConsoleSignIn" ? "AWS Console Sign In via CloudTrail" : "AWS API Call via CloudTrail",
            ["source"] = $"aws.{record["eventSource"].AsText()?.Split('.')[0]}",
            ["account"] = record["recipientAccountId"]?.DeepClone(),
            ["time"] = record["eventTime"]?.DeepClone(),
            ["region"] = record["awsRegion"]?.DeepClone(),
            ["resources"] = new JsonArray(),
            ["detail"] = record.DeepClone(),
        };

    private static JsonObject Documents(JsonObject record, Func<JsonNode, string> written)
    {
        Json.ReplaceTexts(record, (_, text) => Json.Document(text) is { } document ? written(document) : null);
        return record;
    }

    /// <summary>Changes policies, be they maps or inside texts.</summary>
    private static JsonObject Policies(JsonObject record, Action<JsonObject> change)
    {
        Apply(record);
        Json.ReplaceTexts(
            record,
            (_, text) =>
            {
                if (Json.Document(text) is not JsonObject { } document || !document.ContainsKey("Statement"))
                    return null;
                Apply(document);
                return Json.Text(document);
            }
        );
        return record;

        void Apply(JsonNode node)
        {
            foreach (var map in Json.Maps(node).Where(map => map.ContainsKey("Statement")).SelectMany(Json.Maps).ToList())
                change(map);
        }
    }

    private static void Unlisted(JsonObject map)
    {
        foreach (var name in PolicyLists)
        {
            if (map[name] is JsonArray { Count: 1 } list && list[0] is { } only)
                map[name] = only.DeepClone();
        }
    }

    private static void Listed(JsonObject map)
    {
        foreach (var name in PolicyLists)
        {
            if (map[name] is { } one and not JsonArray && (one is JsonObject) == (name == "Statement"))
                map[name] = new JsonArray(one.DeepClone());
        }
    }

    private static JsonObject Encoded(JsonObject record)
    {
        if (record["eventSource"].AsText() == "iam.amazonaws.com")
        {
            Json.ReplaceTexts(
                record["requestParameters"],
                (name, text) => name.EndsWith("olicyDocument", StringComparison.Ordinal) && Json.Document(text) is not null ? Uri.EscapeDataString(text) : null
            );
        }
        return record;
    }

    private static JsonObject Retype(JsonObject record, JsonValueKind kind)
    {
        Json.Replace(record["requestParameters"], (_, value) => value.GetValueKind() == kind ? JsonValue.Create(Json.Text(value)) : null);
        return record;
    }

    private static JsonObject MfaAsBoolean(JsonObject record)
    {
        Json.Replace(
            (record["userIdentity"] as JsonObject)?["sessionContext"],
            (name, value) => name == "mfaAuthenticated" && bool.TryParse(value.AsText(), out var flag) ? JsonValue.Create(flag) : null
        );
        return record;
    }

    private static JsonObject Flat(JsonObject record)
    {
        if (
            record["eventName"].AsText() == "AuthorizeSecurityGroupIngress"
            && record["requestParameters"] is JsonObject request
            && Only(request["ipPermissions"]) is { } permission
            && Only(permission["ipRanges"]) is { } range
            && (permission["ipv6Ranges"] as JsonObject)?["items"] is not JsonArray { Count: > 0 }
        )
        {
            request.Remove("ipPermissions");
            foreach (var name in (string[])["ipProtocol", "fromPort", "toPort"])
                request[name] = permission[name]?.DeepClone();
            request["cidrIp"] = range["cidrIp"]?.DeepClone();
        }
        return record;

        static JsonObject? Only(JsonNode? list) => (list as JsonObject)?["items"] is JsonArray { Count: 1 } items ? items[0] as JsonObject : null;
    }

    private static JsonObject Nested(JsonObject record)
    {
        if (
            record["eventName"].AsText() == "AuthorizeSecurityGroupIngress"
            && record["requestParameters"] is JsonObject request
            && request["cidrIp"] is { } cidr
        )
        {
            var permission = new JsonObject { ["groups"] = new JsonObject(), ["ipRanges"] = Items(new JsonObject { ["cidrIp"] = cidr.DeepClone() }) };
            foreach (var name in (string[])["ipProtocol", "fromPort", "toPort"])
                permission[name] = request[name]?.DeepClone();
            foreach (var name in (string[])["ipProtocol", "fromPort", "toPort", "cidrIp"])
                request.Remove(name);
            request["ipPermissions"] = Items(permission);
        }
        return record;

        static JsonObject Items(JsonObject only) => new() { ["items"] = new JsonArray(only) };
    }

    private static JsonObject Partition(JsonObject record, string partition)
    {
        Json.ReplaceTexts(record, (_, text) => Arn().Replace(text, $"arn:{partition}:"));
        return record;
    }

    private static JsonObject NoSession(JsonObject record)
    {
        (record["userIdentity"] as JsonObject)?.Remove("sessionContext");
        return record;
    }

    private static bool AsksForSession(string field) =>
        field.Contains("mfa", StringComparison.OrdinalIgnoreCase)
        || field is "detector.federated" or "detector.history.federated"
        || field.StartsWith("userIdentity.sessionContext", StringComparison.Ordinal);

    private static JsonObject Set(JsonObject record, string name, string value)
    {
        record[name] = value;
        return record;
    }

    /// <summary>Regions that were different stay so.</summary>
    private static byte[] Regions(List<JsonObject> records)
    {
        var own = records.Select(record => record["awsRegion"].AsText()).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var others = own.Zip(OtherRegions.Except(own, StringComparer.Ordinal)).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        foreach (var record in records)
        {
            Json.ReplaceTexts(
                record,
                (_, text) => Region().Replace(text, match => others.GetValueOrDefault(match.Value, match.Value)) is var other && other != text ? other : null
            );
        }
        return Json.Write(records);
    }

    /// <summary>Accounts that were different stay so.</summary>
    private static JsonObject Accounts(JsonObject record)
    {
        Json.ReplaceTexts(
            record,
            (_, text) => Account().Replace(text, match => string.Concat(match.Value.Select(digit => (char)('0' + (digit - '0' + 3) % 10))))
        );
        return record;
    }

    private static JsonObject MoreFields(JsonObject record)
    {
        foreach (
            var map in (JsonObject?[])
                [
                    record,
                    .. (string[])["userIdentity", "requestParameters", "responseElements", "tlsDetails"] is var names
                        ? names.Select(name => record[name] as JsonObject)
                        : [],
                ]
        )
            map?.Add(Unknown, new JsonObject { ["list"] = new JsonArray(1, "two", null, true) });
        return record;
    }

    private static JsonObject NullErrors(JsonObject record)
    {
        foreach (var name in (string[])["errorCode", "errorMessage"])
            record.TryAdd(name, null);
        return record;
    }

    [GeneratedRegex("arn:aws(?:-us-gov|-cn)?:", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Arn();

    [GeneratedRegex("(?<![0-9])[0-9]{12}(?![0-9])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Account();

    [GeneratedRegex("[a-z]{2}(?:-[a-z]+)+-[0-9]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Region();
}

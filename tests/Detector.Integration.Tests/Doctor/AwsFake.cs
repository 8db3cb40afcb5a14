using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Detector.Integration.Tests.Doctor;

/// <summary>
/// What EventBridge, CloudTrail, STS and whoever else gets an answer say, in their wire formats (JSON 1.1 with X-Amz-Target; STS: query and XML). Answers are as their API
/// references show them; the real AWS CLI must be able to read them.
/// </summary>
internal sealed class AwsFake : IAsyncDisposable
{
    /// <summary>What stands before the names of CloudTrail's operations.</summary>
    public const string CloudTrail = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.";

    private readonly WebApplication _web;

    private AwsFake(WebApplication web) => _web = web;

    public Uri Url => new(_web.Urls.Single());

    /// <summary>What each operation answers.</summary>
    public Dictionary<string, JsonObject> Answers { get; } =
        new(StringComparer.Ordinal)
        {
            ["AWSEvents.ListRules"] = Json(
                """
                {"Rules": [{"Name": "detector-1", "Arn": "arn:aws:events:us-east-1:111122223333:rule/detector-1", "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
                  "EventBusName": "default", "EventPattern": "{\"detail-type\": [{\"suffix\": \"via CloudTrail\"}]}"},
                  {"Name": "nightly", "Arn": "arn:aws:events:us-east-1:111122223333:rule/nightly", "State": "ENABLED", "ScheduleExpression": "rate(1 day)"}]}
                """
            ),
            ["AWSEvents.ListTargetsByRule"] = Json("""{"Targets": [{"Id": "detector-events", "Arn": "arn:aws:sqs:us-east-1:000000000000:queue"}]}"""),
            ["AWSEvents.TestEventPattern"] = Json("""{"Result": true}"""),
            [CloudTrail + "DescribeTrails"] = Json(
                """
                {"trailList": [{"Name": "main", "S3BucketName": "trail", "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "HomeRegion": "us-east-1",
                  "TrailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "LogFileValidationEnabled": true, "IsOrganizationTrail": false}]}
                """
            ),
            [CloudTrail + "GetTrailStatus"] = Json("""{"IsLogging": true, "LatestDeliveryTime": 1764202800.0, "StartLoggingTime": 1764000000.0}"""),
            [CloudTrail + "GetEventSelectors"] = Json(
                """
                {"TrailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "AdvancedEventSelectors": [{"Name": "management",
                  "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]}]}
                """
            ),
        };

    /// <summary>Operations that are denied.</summary>
    public HashSet<string> Denied { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked, with the service that the request was signed for.</summary>
    public ConcurrentQueue<(string Operation, string Service, JsonNode? Request)> Asked { get; } = new();

    public static async Task<AwsFake> StartAsync()
    {
        var fake = new AwsFake(LocalServer.Make());
        fake._web.MapPost("/", fake.AnswerAsync);
        await fake._web.StartAsync();
        return fake;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var service = http.Request.Headers.Authorization.ToString().Split("Credential=")[^1].Split(',')[0].Split('/').ElementAtOrDefault(3) ?? "";
        if (service == "sts")
        {
            Asked.Enqueue(("GetCallerIdentity", service, null));
            http.Response.ContentType = "text/xml";
            await http.Response.WriteAsync(
                """
                <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
                <Arn>arn:aws:sts::111122223333:assumed-role/detector-task/1</Arn><UserId>AROA:1</UserId><Account>111122223333</Account>
                </GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>
                """
            );
            return;
        }
        var target = http.Request.Headers["X-Amz-Target"].ToString();
        Asked.Enqueue((target, service, await JsonNode.ParseAsync(http.Request.Body)));
        var isOurs =
            service
            == target.Split('.')[0] switch
            {
                "AWSEvents" => "events",
                "secretsmanager" => "secretsmanager",
                _ => "cloudtrail",
            };
        var (status, body) =
            !isOurs || http.Request.ContentType != "application/x-amz-json-1.1" ? (400, Error("SerializationException", "not of this service's form"))
            : Denied.Contains(target) ? (400, Error("AccessDeniedException", "User is not authorized"))
            : Answers.TryGetValue(target, out var answer) ? (200, answer)
            : (400, Error("UnknownOperationException", target));
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/x-amz-json-1.1";
        http.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        await http.Response.WriteAsync(body.ToJsonString());
    }

    private static JsonObject Error(string type, string message) => new() { ["__type"] = type, ["message"] = message };

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}

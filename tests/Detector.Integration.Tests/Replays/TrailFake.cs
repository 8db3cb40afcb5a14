using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Detector.Integration.Tests.Replays;

/// <summary>
/// CloudTrail's LookupEvents and ListPublicKeys, as the AWS CloudTrail API reference has it: JSON 1.1, times in seconds since 1970, the newest first, 50 a page.
/// </summary>
internal sealed class TrailFake : IAsyncDisposable
{
    private const string Target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.";

    private readonly WebApplication _web;
    private readonly List<JsonObject> _events = [];
    private int _throttles;

    private TrailFake(WebApplication web) => _web = web;

    public Uri Url => new(_web.Urls.Single());

    /// <summary>What was asked, by region.</summary>
    public ConcurrentQueue<(string Region, JsonObject Request)> Asked { get; } = new();

    /// <summary>What ListPublicKeys answers.</summary>
    public JsonObject PublicKeys { get; set; } = new() { ["PublicKeyList"] = new JsonArray() };

    /// <summary>Calls that are answered with a throttling error, whatever their pace.</summary>
    public int Throttles
    {
        set => _throttles = value;
    }

    public static async Task<TrailFake> StartAsync()
    {
        var fake = new TrailFake(LocalServer.Make());
        fake._web.MapPost("/", fake.AnswerAsync);
        await fake._web.StartAsync();
        return fake;
    }

    /// <summary>Puts a record into the history of its own <c>awsRegion</c>.</summary>
    public void Holds(JsonObject record) => _events.Add(record);

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var target = http.Request.Headers["X-Amz-Target"];
        if (target != $"{Target}LookupEvents" && target != $"{Target}ListPublicKeys")
        {
            await RefuseAsync(http, "UnknownOperationException", "only LookupEvents and ListPublicKeys");
            return;
        }
        if (http.Request.ContentType != "application/x-amz-json-1.1")
        {
            await RefuseAsync(http, "SerializationException", "no JSON 1.1");
            return;
        }
        // ... Credential=AKIA.../20260304/eu-west-1/cloudtrail/aws4_request, ...
        var scope = http.Request.Headers.Authorization.ToString().Split("Credential=")[^1].Split(',')[0].Split('/');
        if (scope is not [_, _, var region, "cloudtrail", "aws4_request"])
        {
            await RefuseAsync(http, "IncompleteSignatureException", "not signed for cloudtrail");
            return;
        }
        var request = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        if (target == $"{Target}ListPublicKeys")
        {
            await WriteAsync(http, StatusCodes.Status200OK, PublicKeys);
            return;
        }
        Asked.Enqueue((region, request));
        if (Interlocked.Decrement(ref _throttles) >= 0)
        {
            await RefuseAsync(http, "ThrottlingException", "Rate exceeded");
            return;
        }
        await AnswerAsync(http, region, request);
    }

    private async Task AnswerAsync(HttpContext http, string region, JsonObject request)
    {
        var (from, to) = (request["StartTime"]?.GetValue<decimal>() ?? 0, request["EndTime"]?.GetValue<decimal>() ?? decimal.MaxValue);
        var size = request["MaxResults"]?.GetValue<int>() ?? 50;
        if (size is < 1 or > 50)
        {
            await RefuseAsync(http, "InvalidMaxResultsException", "from 1 to 50");
            return;
        }
        if (from > to)
        {
            await RefuseAsync(http, "InvalidTimeRangeException", "the end comes before the start");
            return;
        }
        var skip = int.Parse(request["NextToken"]?.GetValue<string>() ?? "0", CultureInfo.InvariantCulture);
        var found = _events
            .Where(record => record["awsRegion"]!.GetValue<string>() == region && Seconds(record) >= from && Seconds(record) <= to)
            .OrderByDescending(Seconds)
            .ToList();
        var answer = new JsonObject { ["Events"] = new JsonArray([.. found.Skip(skip).Take(size).Select(Event)]) };
        if (skip + size < found.Count)
            answer["NextToken"] = (skip + size).ToString(CultureInfo.InvariantCulture);
        await WriteAsync(http, StatusCodes.Status200OK, answer);
    }

    private static JsonObject Event(JsonObject record) =>
        new()
        {
            ["EventId"] = record["eventID"]!.DeepClone(),
            ["EventName"] = record["eventName"]!.DeepClone(),
            ["EventSource"] = record["eventSource"]!.DeepClone(),
            ["EventTime"] = Seconds(record),
            ["ReadOnly"] = "false",
            ["Username"] = "somebody",
            ["Resources"] = new JsonArray(),
            ["CloudTrailEvent"] = record.ToJsonString(),
        };

    private static decimal Seconds(JsonObject record) =>
        DateTimeOffset.Parse(record["eventTime"]!.GetValue<string>(), CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static Task RefuseAsync(HttpContext http, string type, string message) =>
        WriteAsync(http, StatusCodes.Status400BadRequest, new JsonObject { ["__type"] = type, ["message"] = message });

    private static async Task WriteAsync(HttpContext http, int status, JsonObject body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/x-amz-json-1.1";
        http.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        await http.Response.WriteAsync(body.ToJsonString(JsonSerializerOptions.Default));
    }
}

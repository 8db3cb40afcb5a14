using System.Buffers;
using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace Detector.Adapters.Aws.History;

/// <summary>Source of the wire format: AWS CloudTrail API reference, "LookupEvents" (JSON 1.1, version 2013-11-01).</summary>
internal sealed class LookupRequest(HistoryQuery query) : AmazonWebServiceRequest
{
    public HistoryQuery Query => query;
}

internal sealed class LookupResponse : AmazonWebServiceResponse
{
    public HistoryPage Page { get; init; } = new([], null);
}

internal sealed class LookupMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    private const int MaxResults = 50;

    public static LookupMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var query = ((LookupRequest)input).Query;
        var content = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            if (query.From is { } from)
                json.WriteNumber("StartTime"u8, Seconds(from));
            if (query.To is { } to)
                json.WriteNumber("EndTime"u8, Seconds(to));
            json.WriteNumber("MaxResults"u8, MaxResults);
            if (query.NextToken is not null)
                json.WriteString("NextToken"u8, query.NextToken);
            json.WriteEndObject();
        }
        var request = new DefaultRequest(input, CloudTrailConfig.Service)
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            Content = content.WrittenSpan.ToArray(),
        };
        request.Headers["X-Amz-Target"] = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        request.Headers["Content-Type"] = "application/x-amz-json-1.1";
        return request;
    }

    /// <summary>Since 1970, to the millisecond. A double would round.</summary>
    private static decimal Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000m;
}

internal sealed class LookupUnmarshaller : JsonResponseUnmarshaller
{
    public static LookupUnmarshaller Instance { get; } = new();

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        try
        {
            using var document = JsonDocument.Parse(input.Stream);
            var answer = document.RootElement;
            List<string> records = [];
            if (answer.TryGetProperty("Events", out var events) && events.ValueKind is JsonValueKind.Array)
                records.AddRange(events.EnumerateArray().Select(one => Text(one, "CloudTrailEvent")).OfType<string>());
            return new LookupResponse { Page = new HistoryPage(records, Text(answer, "NextToken")) };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new AmazonUnmarshallingException(input.ResponseData?.GetHeaderValue("x-amzn-RequestId"), "$", e, input.ResponseData?.StatusCode ?? default);
        }
    }

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(input.Stream);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
        return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}

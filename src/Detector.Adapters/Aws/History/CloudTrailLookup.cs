using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

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
        return CloudTrailWire.Request(
            input,
            "LookupEvents",
            json =>
            {
                if (query.From is { } from)
                    json.WriteNumber("StartTime"u8, CloudTrailWire.Seconds(from));
                if (query.To is { } to)
                    json.WriteNumber("EndTime"u8, CloudTrailWire.Seconds(to));
                json.WriteNumber("MaxResults"u8, MaxResults);
                if (query.NextToken is not null)
                    json.WriteString("NextToken"u8, query.NextToken);
            }
        );
    }
}

internal sealed class LookupUnmarshaller : CloudTrailUnmarshaller
{
    public static LookupUnmarshaller Instance { get; } = new();

    protected override AmazonWebServiceResponse Read(JsonElement answer)
    {
        List<string> records = [];
        if (answer.TryGetProperty("Events", out var events) && events.ValueKind is JsonValueKind.Array)
            records.AddRange(events.EnumerateArray().Select(one => Text(one, "CloudTrailEvent")).OfType<string>());
        return new LookupResponse { Page = new HistoryPage(records, Text(answer, "NextToken")) };
    }
}

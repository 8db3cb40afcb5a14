using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Detector.Core.Integrity;

namespace Detector.Adapters.Aws.History;

/// <summary>Source of the wire format: AWS CloudTrail API reference, "ListPublicKeys" (JSON 1.1, version 2013-11-01).</summary>
internal sealed class PublicKeysRequest(DateTimeOffset from, DateTimeOffset to, string? nextToken) : AmazonWebServiceRequest
{
    public DateTimeOffset From => from;

    public DateTimeOffset To => to;

    public string? NextToken => nextToken;
}

internal sealed class PublicKeysResponse : AmazonWebServiceResponse
{
    public IReadOnlyList<PublicKey> Keys { get; init; } = [];

    public string? NextToken { get; init; }
}

internal sealed class PublicKeysMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public static PublicKeysMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var asked = (PublicKeysRequest)input;
        return CloudTrailWire.Request(
            input,
            "ListPublicKeys",
            json =>
            {
                json.WriteNumber("StartTime"u8, CloudTrailWire.Seconds(asked.From));
                json.WriteNumber("EndTime"u8, CloudTrailWire.Seconds(asked.To));
                if (asked.NextToken is not null)
                    json.WriteString("NextToken"u8, asked.NextToken);
            }
        );
    }
}

internal sealed class PublicKeysUnmarshaller : CloudTrailUnmarshaller
{
    public static PublicKeysUnmarshaller Instance { get; } = new();

    protected override AmazonWebServiceResponse Read(JsonElement answer) =>
        new PublicKeysResponse { Keys = PublicKeys.Read(System.Text.Encoding.UTF8.GetBytes(answer.GetRawText())), NextToken = Text(answer, "NextToken") };
}

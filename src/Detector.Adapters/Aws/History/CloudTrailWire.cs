using System.Buffers;
using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace Detector.Adapters.Aws.History;

/// <summary>How CloudTrail is spoken to: JSON 1.1, version 2013-11-01.</summary>
internal static class CloudTrailWire
{
    /// <summary>A request; what is inside its braces is the caller's.</summary>
    public static IRequest Request(AmazonWebServiceRequest input, string operation, Action<Utf8JsonWriter> inside)
    {
        var content = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            inside(json);
            json.WriteEndObject();
        }
        var request = new DefaultRequest(input, CloudTrailConfig.Service)
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            Content = content.WrittenSpan.ToArray(),
        };
        request.Headers["X-Amz-Target"] = $"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{operation}";
        request.Headers["Content-Type"] = "application/x-amz-json-1.1";
        return request;
    }

    /// <summary>Since 1970, to the millisecond. A double would round.</summary>
    public static decimal Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000m;
}

/// <summary>Reads answers, and errors in their place.</summary>
internal abstract class CloudTrailUnmarshaller : JsonResponseUnmarshaller
{
    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        try
        {
            using var document = JsonDocument.Parse(input.Stream);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
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

    /// <summary>Reads an answer; what it throws on a wrong one becomes an error of the call.</summary>
    protected abstract AmazonWebServiceResponse Read(JsonElement answer);

    protected static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}

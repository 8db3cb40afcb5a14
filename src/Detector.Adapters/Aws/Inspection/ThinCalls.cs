using System.Buffers;
using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace Detector.Adapters.Aws.Inspection;

/// <summary>Calls of a service that speaks JSON 1.1, the answer as it came. Source of the wire format: the services' API references.</summary>
internal sealed class JsonCaller(AWSCredentials? credentials, JsonCallerConfig config) : ThinClient(credentials, config)
{
    public async Task<JsonElement> CallAsync(string operation, Action<Utf8JsonWriter> inside, CancellationToken cancellation)
    {
        var options = new InvokeOptions { RequestMarshaller = Marshaller.Instance, ResponseUnmarshaller = Unmarshaller.Instance };
        var request = new Call(config.ServiceId, $"{config.Target}.{operation}", inside);
        return (await InvokeAsync<Answer>(request, options, cancellation)).Json;
    }

    private sealed class Call(string service, string target, Action<Utf8JsonWriter> inside) : AmazonWebServiceRequest
    {
        public string Service => service;

        public string Target => target;

        public Action<Utf8JsonWriter> Inside => inside;
    }

    private sealed class Answer : AmazonWebServiceResponse
    {
        public JsonElement Json { get; init; }
    }

    private sealed class Marshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public static Marshaller Instance { get; } = new();

        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var call = (Call)input;
            var content = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(content))
            {
                json.WriteStartObject();
                call.Inside(json);
                json.WriteEndObject();
            }
            var request = new DefaultRequest(input, call.Service)
            {
                HttpMethod = "POST",
                ResourcePath = "/",
                Content = content.WrittenSpan.ToArray(),
            };
            request.Headers["X-Amz-Target"] = call.Target;
            request.Headers["Content-Type"] = "application/x-amz-json-1.1";
            return request;
        }
    }

    private sealed class Unmarshaller : JsonResponseUnmarshaller
    {
        public static Unmarshaller Instance { get; } = new();

        public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
        {
            try
            {
                using var document = JsonDocument.Parse(input.Stream);
                return new Answer { Json = document.RootElement.Clone() };
            }
            catch (JsonException e)
            {
                throw new AmazonUnmarshallingException(
                    input.ResponseData?.GetHeaderValue("x-amzn-RequestId"),
                    "$",
                    e,
                    input.ResponseData?.StatusCode ?? default
                );
            }
        }

        public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            var reader = new StreamingUtf8JsonReader(input.Stream);
            var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
            return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        }
    }
}

/// <summary>What the SDK's pipeline has to know of such a service.</summary>
/// <param name="service">The SDK's name of it.</param>
/// <param name="host">How its endpoints begin.</param>
/// <param name="version">The version of its API.</param>
/// <param name="target">How X-Amz-Target begins.</param>
internal sealed class JsonCallerConfig(string service, string host, string version, string target) : ThinConfig(service, host, version)
{
    public string Target => target;
}

using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Detector.Adapters.Aws;

/// <summary>Source of the wire format: Amazon SNS API reference, "Publish" (AWS query protocol, version 2010-03-31).</summary>
internal sealed class PublishRequest(TopicMessage message) : AmazonWebServiceRequest
{
    public TopicMessage Message => message;
}

internal sealed class PublishResponse : AmazonWebServiceResponse
{
    public string? MessageId { get; set; }
}

internal sealed class PublishMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public static PublishMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var message = ((PublishRequest)input).Message;
        var request = new DefaultRequest(input, SnsConfig.Service);
        var parameters = request.Parameters;
        parameters["Action"] = "Publish";
        parameters["Version"] = "2010-03-31";
        parameters["TopicArn"] = message.TopicArn;
        parameters["Subject"] = message.Subject;
        parameters["Message"] = message.Bodies;
        parameters["MessageStructure"] = "json";
        var number = 0;
        foreach (var attribute in message.Attributes)
        {
            var entry = string.Create(CultureInfo.InvariantCulture, $"MessageAttributes.entry.{++number}");
            parameters[$"{entry}.Name"] = attribute.Name;
            parameters[$"{entry}.Value.DataType"] = attribute.Type;
            parameters[$"{entry}.Value.StringValue"] = attribute.Value;
        }
        if (message.Fifo is { } fifo)
        {
            parameters["MessageGroupId"] = fifo.Group;
            parameters["MessageDeduplicationId"] = fifo.Deduplication;
        }
        return request;
    }
}

internal sealed class PublishUnmarshaller : XmlResponseUnmarshaller
{
    public static PublishUnmarshaller Instance { get; } = new();

    public override AmazonWebServiceResponse Unmarshall(XmlUnmarshallerContext input)
    {
        var response = new PublishResponse();
        while (input.Read())
        {
            if (input.IsStartElement && input.TestExpression("PublishResult/MessageId"))
                response.MessageId = StringUnmarshaller.Instance.Unmarshall(input);
        }
        return response;
    }

    public override AmazonServiceException UnmarshallException(XmlUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var error = XmlErrorResponseUnmarshaller.GetInstance().Unmarshall(input);
        return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
    }
}

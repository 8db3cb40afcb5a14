using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Detector.Adapters.Aws;

/// <summary>Calls of SNS, which speaks the query protocol: the answer's texts by the path of their elements.</summary>
internal sealed class SnsCaller(AWSCredentials? credentials, SnsConfig config) : ThinClient(credentials, config)
{
    public async Task<IReadOnlyList<(string Path, string Text)>> CallAsync(
        string action,
        CancellationToken cancellation,
        params IEnumerable<(string Name, string? Value)> parameters
    )
    {
        var options = new InvokeOptions { RequestMarshaller = Marshaller.Instance, ResponseUnmarshaller = Unmarshaller.Instance };
        return (await InvokeAsync<Answer>(new Call(action, parameters), options, cancellation)).Texts;
    }

    private sealed class Call(string action, IEnumerable<(string Name, string? Value)> parameters) : AmazonWebServiceRequest
    {
        public string Action => action;

        public IEnumerable<(string Name, string? Value)> Parameters => parameters;
    }

    private sealed class Answer : AmazonWebServiceResponse
    {
        public List<(string Path, string Text)> Texts { get; } = [];
    }

    private sealed class Marshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public static Marshaller Instance { get; } = new();

        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var call = (Call)input;
            var request = new DefaultRequest(input, SnsConfig.Service);
            request.Parameters["Action"] = call.Action;
            request.Parameters["Version"] = "2010-03-31";
            foreach (var (name, value) in call.Parameters)
            {
                if (value is not null)
                    request.Parameters[name] = value;
            }
            return request;
        }
    }

    private sealed class Unmarshaller : XmlResponseUnmarshaller
    {
        public static Unmarshaller Instance { get; } = new();

        public override AmazonWebServiceResponse Unmarshall(XmlUnmarshallerContext input)
        {
            var answer = new Answer();
            while (input.Read())
            {
                if (input.IsStartElement)
                    answer.Texts.Add((input.CurrentPath, input.ReadText()));
            }
            return answer;
        }

        public override AmazonServiceException UnmarshallException(XmlUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            var error = XmlErrorResponseUnmarshaller.GetInstance().Unmarshall(input);
            return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        }
    }
}

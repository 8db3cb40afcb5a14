using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Detector.Adapters.Aws;

/// <summary>
/// SNS's Publish on the AWS SDK's own pipeline: credentials, signing, retries and transport are the SDK's; only the shape of the request and the
/// response are ours. Stands in for the SDK's SNS package: see docs/adr/0003-thin-sns-client.md.
/// </summary>
internal sealed class SnsClient(AWSCredentials? credentials, SnsConfig config) : AmazonServiceClient(credentials, config), IAlertTopic
{
    protected override IServiceMetadata ServiceMetadata { get; } = new SnsMetadata();

    public async Task<PublishAnswer> PublishAsync(TopicMessage message, CancellationToken cancellation)
    {
        try
        {
            var options = new InvokeOptions { RequestMarshaller = PublishMarshaller.Instance, ResponseUnmarshaller = PublishUnmarshaller.Instance };
            var response = await InvokeAsync<PublishResponse>(new PublishRequest(message), options, cancellation);
            return new PublishAnswer(PublishFate.Published, response.MessageId);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The contract: failures are answers.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var fault = AwsFault.Of(exception);
            return new PublishAnswer(FateOf(fault), null, fault.Code, fault.Text);
        }
    }

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) => pipeline.AddHandlerAfter<Marshaller>(new SigV4Only());

    /// <summary>
    /// SNS answers <c>InvalidParameter</c> both for a topic that is none and for content it does not take, and names the parameter. Only what
    /// is said of the message itself is beyond mending.
    /// </summary>
    private static PublishFate FateOf(AwsFault fault) =>
        fault switch
        {
            { NeedsSomebody: false } => PublishFate.NotNow,
            { Code: "InvalidParameter" or "InvalidParameterValue" or "ParameterValueInvalid" }
                when fault.Text.Contains("Message", StringComparison.Ordinal) || fault.Text.Contains("Subject", StringComparison.Ordinal) =>
                PublishFate.Rejected,
            _ => PublishFate.Misconfigured,
        };

    private sealed class SnsMetadata : IServiceMetadata
    {
        public string ServiceId => SnsConfig.Service;

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
    }

    private sealed class SigV4Only : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }
}

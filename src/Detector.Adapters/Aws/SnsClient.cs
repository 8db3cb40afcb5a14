using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Detector.Adapters.Aws;

/// <summary>SNS's Publish.</summary>
internal sealed class SnsClient(AWSCredentials? credentials, SnsConfig config) : ThinClient(credentials, config), IAlertTopic
{
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
}

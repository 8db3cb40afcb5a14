using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Detector.Adapters.Aws.History;

/// <summary>CloudTrail's LookupEvents.</summary>
internal sealed class CloudTrailClient(AWSCredentials? credentials, CloudTrailConfig config) : ThinClient(credentials, config), ITrailHistory
{
    public async Task<HistoryPage> LookupAsync(HistoryQuery query, CancellationToken cancellation)
    {
        var options = new InvokeOptions { RequestMarshaller = LookupMarshaller.Instance, ResponseUnmarshaller = LookupUnmarshaller.Instance };
        return (await InvokeAsync<LookupResponse>(new LookupRequest(query), options, cancellation)).Page;
    }
}

/// <summary>What the SDK's pipeline has to know of CloudTrail.</summary>
internal sealed class CloudTrailConfig() : ThinConfig(Service, "cloudtrail", "2013-11-01")
{
    public const string Service = "CloudTrail";
}

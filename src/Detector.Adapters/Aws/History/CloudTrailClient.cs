using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Detector.Core.Integrity;

namespace Detector.Adapters.Aws.History;

/// <summary>CloudTrail's LookupEvents and ListPublicKeys.</summary>
internal sealed class CloudTrailClient(AWSCredentials? credentials, CloudTrailConfig config) : ThinClient(credentials, config), ITrailHistory, ITrailKeys
{
    public async Task<HistoryPage> LookupAsync(HistoryQuery query, CancellationToken cancellation)
    {
        var options = new InvokeOptions { RequestMarshaller = LookupMarshaller.Instance, ResponseUnmarshaller = LookupUnmarshaller.Instance };
        return (await InvokeAsync<LookupResponse>(new LookupRequest(query), options, cancellation)).Page;
    }

    public async Task<IReadOnlyList<PublicKey>> ListAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var options = new InvokeOptions { RequestMarshaller = PublicKeysMarshaller.Instance, ResponseUnmarshaller = PublicKeysUnmarshaller.Instance };
        var keys = new List<PublicKey>();
        string? next = null;
        do
        {
            var page = await InvokeAsync(new PublicKeysRequest(from, to, next), options, cancellation);
            keys.AddRange(page.Keys);
            next = page.NextToken;
        } while (next is not null);
        return keys;
    }

    private async Task<PublicKeysResponse> InvokeAsync(PublicKeysRequest request, InvokeOptions options, CancellationToken cancellation)
    {
        try
        {
            return await InvokeAsync<PublicKeysResponse>(request, options, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException(AwsFault.Of(exception).Text, exception);
        }
    }
}

/// <summary>What the SDK's pipeline has to know of CloudTrail.</summary>
internal sealed class CloudTrailConfig() : ThinConfig(Service, "cloudtrail", "2013-11-01")
{
    public const string Service = "CloudTrail";
}

using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.Util.Internal;

namespace Detector.Adapters.Aws;

/// <summary>
/// A client on the AWS SDK's own pipeline: credentials, signing, retries and transport are the SDK's; only the shapes of requests and responses are ours. Stands
/// in for SDK packages that cannot be had: see docs/adr/0003-thin-sns-client.md.
/// </summary>
internal abstract class ThinClient(AWSCredentials? credentials, ThinConfig config) : AmazonServiceClient(credentials, config)
{
    protected override IServiceMetadata ServiceMetadata { get; } = new Metadata(config.ServiceId);

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) => pipeline.AddHandlerAfter<Marshaller>(new SigV4Only());

    private sealed class Metadata(string service) : IServiceMetadata
    {
        public string ServiceId => service;

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
    }

    private sealed class SigV4Only : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }
}

/// <summary>What the SDK's pipeline has to know of a service: its names, its defaults, and where it is.</summary>
internal abstract class ThinConfig : ClientConfig
{
    private readonly string _host;

    /// <param name="service">The SDK's name of the service.</param>
    /// <param name="host">How the service's endpoints begin; also its name in signatures.</param>
    /// <param name="version">The version of its API.</param>
    protected ThinConfig(string service, string host, string version)
        : base(new StandardDefaults())
    {
        _host = host;
        ServiceId = service;
        ServiceVersion = version;
        AuthenticationServiceName = host;
        UserAgent = InternalSDKUtils.BuildUserAgentString(service, "4.0.0");
    }

    public override string ServiceVersion { get; }

    public override string UserAgent { get; }

    public override string RegionEndpointServiceName => _host;

    /// <summary>The endpoint that was set, else the region's, in the partition that the region belongs to.</summary>
    /// <exception cref="AmazonClientException">There is no region.</exception>
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        if (!string.IsNullOrEmpty(ServiceURL))
            return new Endpoint(ServiceURL);
        var region = (RegionEndpoint ?? throw new AmazonClientException($"No region is set for {ServiceId}")).SystemName;
        var partition = Fn.Partition(region) ?? throw new AmazonClientException($"The region {region} belongs to no known partition");
        // GovCloud's plain endpoint is its FIPS endpoint.
        var host = UseFIPSEndpoint && !string.Equals(partition.name, "aws-us-gov", StringComparison.Ordinal) ? $"{_host}-fips" : _host;
        return new Endpoint($"https://{host}.{region}.{(UseDualstackEndpoint ? partition.dualStackDnsSuffix : partition.dnsSuffix)}/");
    }

    private sealed class StandardDefaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Standard };
    }
}

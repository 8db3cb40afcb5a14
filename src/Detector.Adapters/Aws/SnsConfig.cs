using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.Util.Internal;

namespace Detector.Adapters.Aws;

/// <summary>What the SDK's pipeline has to know of SNS: its names, its defaults, and where it is.</summary>
internal sealed class SnsConfig : ClientConfig
{
    public const string Service = "SNS";

    public SnsConfig()
        : base(new StandardDefaults())
    {
        ServiceId = Service;
        AuthenticationServiceName = "sns";
    }

    public override string ServiceVersion => "2010-03-31";

    public override string UserAgent { get; } = InternalSDKUtils.BuildUserAgentString(Service, "4.0.0");

    public override string RegionEndpointServiceName => "sns";

    /// <summary>The endpoint that was set, else the region's, in the partition that the region belongs to.</summary>
    /// <exception cref="AmazonClientException">There is no region.</exception>
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        if (!string.IsNullOrEmpty(ServiceURL))
            return new Endpoint(ServiceURL);
        var region = (RegionEndpoint ?? throw new AmazonClientException("No region is set for SNS")).SystemName;
        var partition = Fn.Partition(region) ?? throw new AmazonClientException($"The region {region} belongs to no known partition");
        // GovCloud's plain endpoint is its FIPS endpoint.
        var host = UseFIPSEndpoint && !string.Equals(partition.name, "aws-us-gov", StringComparison.Ordinal) ? "sns-fips" : "sns";
        return new Endpoint($"https://{host}.{region}.{(UseDualstackEndpoint ? partition.dualStackDnsSuffix : partition.dnsSuffix)}/");
    }

    private sealed class StandardDefaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Standard };
    }
}

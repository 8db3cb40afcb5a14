using System.Diagnostics.CodeAnalysis;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SecurityToken;
using Amazon.SQS;
using Detector.Adapters.Aws.History;
using Detector.Adapters.Aws.Inspection;

namespace Detector.Adapters.Aws;

/// <summary>Where AWS is, and as whom to call it. What is null, the SDK finds its usual way (environment, profile, instance or pod role).</summary>
/// <param name="Region">Such as <c>eu-central-1</c>.</param>
/// <param name="ServiceUrl">An emulator's address; null for AWS.</param>
/// <param name="Profile">A profile of the shared configuration files.</param>
public sealed record AwsPlace(string? Region = null, string? ServiceUrl = null, string? Profile = null);

/// <summary>Builds the clients of AWS services. They are safe from many threads and live as long as the program.</summary>
public static class AwsClients
{
    /// <summary>Longer than the longest long poll, so that only a network that has swallowed an answer is cut off.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A client of SQS. Reaches nothing yet: credentials are looked for at the first call.</summary>
    /// <param name="place">Where and as whom.</param>
    /// <param name="credentials">Stand above what the SDK would find.</param>
    public static IAmazonSQS Sqs(AwsPlace place, AWSCredentials? credentials = null)
    {
        var config = Set(new AmazonSQSConfig(), place);
        return credentials is null ? new AmazonSQSClient(config) : new AmazonSQSClient(credentials, config);
    }

    /// <summary>A client of SNS. Reaches nothing yet: credentials are looked for at the first call.</summary>
    /// <param name="place">Where and as whom.</param>
    /// <param name="credentials">Stand above what the SDK would find.</param>
    public static IAlertTopic Sns(AwsPlace place, AWSCredentials? credentials = null) => new SnsClient(credentials, Set(new SnsConfig(), place));

    /// <summary>A client of S3. Reaches nothing yet: credentials are looked for at the first call.</summary>
    /// <param name="place">Where and as whom. An emulator is called with the bucket in the path, not in the host's name.</param>
    /// <param name="credentials">Stand above what the SDK would find.</param>
    public static IAmazonS3 S3(AwsPlace place, AWSCredentials? credentials = null)
    {
        var config = Set(new AmazonS3Config { ForcePathStyle = place.ServiceUrl is not null, MaxErrorRetry = 6 }, place);
        return credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
    }

    /// <summary>A client of the token service. Reaches nothing yet: credentials are looked for at the first call.</summary>
    /// <param name="place">Where and as whom.</param>
    public static IAmazonSecurityTokenService Sts(AwsPlace place) => new AmazonSecurityTokenServiceClient(Set(new AmazonSecurityTokenServiceConfig(), place));

    /// <summary>A client of CloudTrail's event history. Reaches nothing yet: credentials are looked for at the first call.</summary>
    /// <param name="place">Where and as whom.</param>
    /// <param name="credentials">Stand above what the SDK would find.</param>
    public static ITrailHistory TrailHistory(AwsPlace place, AWSCredentials? credentials = null) =>
        new CloudTrailClient(credentials, Set(new CloudTrailConfig(), place));

    /// <summary>Asks how the parts of a deployment stand. Reaches nothing yet: credentials are looked for at the first call.</summary>
    /// <param name="place">Where and as whom; its endpoint stands in for every service that has none of its own.</param>
    /// <param name="queues">Another endpoint of SQS; null for none.</param>
    /// <param name="topics">Another endpoint of SNS; null for none.</param>
    /// <param name="credentials">Stand above what the SDK would find.</param>
    public static IAccountReader Account(AwsPlace place, string? queues = null, string? topics = null, AWSCredentials? credentials = null)
    {
        var sts = Set(new AmazonSecurityTokenServiceConfig(), place);
        return new AccountReader(
            credentials is null ? new AmazonSecurityTokenServiceClient(sts) : new AmazonSecurityTokenServiceClient(credentials, sts),
            Sqs(place with { ServiceUrl = queues ?? place.ServiceUrl }, credentials),
            new SnsCaller(credentials, Set(new SnsConfig(), place with { ServiceUrl = topics ?? place.ServiceUrl })),
            new JsonCaller(credentials, Set(new JsonCallerConfig("EventBridge", "events", "2015-10-07", "AWSEvents"), place)),
            new JsonCaller(credentials, Set(CloudTrail(), place))
        );

        static JsonCallerConfig CloudTrail() => new("CloudTrail", "cloudtrail", "2013-11-01", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101");
    }

    /// <summary>A client of CloudTrail's public keys. Reaches nothing yet: credentials are looked for at the first call.</summary>
    /// <param name="place">Where and as whom.</param>
    /// <param name="credentials">Stand above what the SDK would find.</param>
    public static ITrailKeys TrailKeys(AwsPlace place, AWSCredentials? credentials = null) =>
        new CloudTrailClient(credentials, Set(new CloudTrailConfig(), place));

    // Roles assumed by a profile, and the web identities of Kubernetes pods, need the token service, which the SDK looks up by name: this keeps
    // it in a trimmed program.
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSecurityTokenServiceClient))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSecurityTokenServiceConfig))]
    private static T Set<T>(T config, AwsPlace place)
        where T : ClientConfig
    {
        config.Timeout = Timeout;
        config.ConnectTimeout = ConnectTimeout;
        if (place.Profile is not null)
            config.Profile = new Profile(place.Profile);
        if (place.ServiceUrl is not null)
            config.ServiceURL = place.ServiceUrl;
        if (place.Region is not null && place.ServiceUrl is not null)
            config.AuthenticationRegion = place.Region;
        else if (place.Region is not null)
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(place.Region);
        return config;
    }
}

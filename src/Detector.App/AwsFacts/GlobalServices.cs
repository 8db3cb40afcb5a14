namespace Detector.App.AwsFacts;

/// <summary>Services that write the events of a whole account in one region of its partition.</summary>
/// <remarks>CloudTrail User Guide, "CloudTrail concepts: global service events".</remarks>
internal static class GlobalServices
{
    /// <summary>Their event sources. The global endpoint of STS and most sign-ins belong to them too; others of theirs are regional.</summary>
    public static IReadOnlyList<string> Sources { get; } =
    ["iam.amazonaws.com", "organizations.amazonaws.com", "cloudfront.amazonaws.com", "route53.amazonaws.com"];

    /// <summary>The same, and those of which some events appear there.</summary>
    public static IReadOnlyList<string> Appear { get; } = [.. Sources, "sts.amazonaws.com", "signin.amazonaws.com"];

    /// <summary>Where the events appear, partition by partition.</summary>
    public static IReadOnlyList<string> HomeRegions { get; } = ["us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"];
}

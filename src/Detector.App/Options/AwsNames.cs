namespace Detector.App.Options;

/// <summary>What the names of AWS resources tell: a region need not be given twice.</summary>
internal static class AwsNames
{
    /// <summary>The shape of a region: eu-west-1, us-gov-east-1. New ones appear too often for a list.</summary>
    public static bool IsRegion(string text) =>
        text.Split('-') is { Length: >= 3 } parts
        && parts[..^1].All(part => part.Length > 0 && part.All(char.IsAsciiLetterLower))
        && parts[^1].Length > 0
        && parts[^1].All(char.IsAsciiDigit);

    /// <summary>The region in <c>https://sqs.eu-west-1.amazonaws.com/…</c>, or null.</summary>
    public static string? RegionOfQueue(Uri url) => url.Host.Split('.') is ["sqs", var region, ..] && IsRegion(region) ? region : null;

    /// <summary>The region in <c>arn:aws:sns:eu-west-1:111122223333:alerts</c>; null for anything else.</summary>
    public static string? RegionOfTopic(string arn) =>
        arn.Split(':') is ["arn", ['a', 'w', 's', ..], "sns", var region, { Length: 12 } account, { Length: > 0 }]
        && IsRegion(region)
        && account.All(char.IsAsciiDigit)
            ? region
            : null;
}

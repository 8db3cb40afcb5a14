using System.Text.RegularExpressions;
using Detector.Core.Delivery;

namespace Detector.Adapters.Reports;

/// <summary>
/// The page of an event in CloudTrail's console. Region and event id come from the record, so a link is made only where both have the form that AWS gives them:
/// nothing else of the record is in the address.
/// </summary>
internal sealed partial record ConsoleLink
{
    private ConsoleLink(string url) => Url = url;

    public string Url { get; }

    /// <summary>What people click.</summary>
    public const string Words = "open in CloudTrail";

    /// <summary>Null if the event has no page: an odd region or id, or a partition whose console is not known.</summary>
    /// <remarks>AWS General Reference, "AWS service endpoints", and the consoles of the partitions. The page shows an event for 90 days, to those signed in to its account.</remarks>
    public static ConsoleLink? Of(string? region, string? eventId)
    {
        if (region is null || !RegionName.IsMatch(region) || !Guid.TryParseExact(eventId, "D", out var id))
            return null;
        var host =
            region.StartsWith("cn-", StringComparison.Ordinal) ? $"{region}.console.amazonaws.cn"
            : region.StartsWith("us-gov-", StringComparison.Ordinal) ? $"{region}.console.amazonaws-us-gov.com"
            : region.StartsWith("us-iso", StringComparison.Ordinal)
            || region.StartsWith("eu-iso", StringComparison.Ordinal)
            || region.StartsWith("eusc-", StringComparison.Ordinal)
                ? null
            : $"{region}.console.aws.amazon.com";
        return host is null ? null : new ConsoleLink($"https://{host}/cloudtrailv2/home?region={region}#/events/{id:D}");
    }

    /// <summary>The page of the newest event of an alert that has one.</summary>
    public static ConsoleLink? Of(Alert alert) =>
        alert.Events.Reverse().Select(one => Of(alert.Facts.Region, one.EventId)).FirstOrDefault(link => link is not null);

    [GeneratedRegex(@"\A[a-z]{2,4}(?:-[a-z]{1,12}){1,3}-[0-9]{1,2}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RegionName { get; }
}

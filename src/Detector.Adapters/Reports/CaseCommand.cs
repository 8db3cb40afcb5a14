using System.Globalization;
using System.Text.RegularExpressions;
using Detector.Core.Delivery;

namespace Detector.Adapters.Reports;

/// <summary>
/// The command that judges an alert's events once more: from the object that held them, or out of CloudTrail's own history. It is made to be pasted into a shell, so
/// of the record it takes only what has the form that AWS gives it.
/// </summary>
internal static partial class CaseCommand
{
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(15);

    /// <summary>Null if the alert does not tell enough.</summary>
    public static string? Of(Alert alert)
    {
        if (alert.Events.Select(one => one.File).Distinct(StringComparer.Ordinal).ToArray() is [var file] && SafeObject.IsMatch(file))
            return $"detector replay {file}";
        var times = alert.Events.Select(one => one.EventTime).OfType<DateTimeOffset>().ToArray();
        if (times.Length == 0 || alert.Facts.Region is not { } region || ConsoleLink.Of(region, Guid.Empty.ToString("D")) is null)
            return null;
        return $"detector replay --lookup-events --region {region} --from {Time(times.Min() - Around)} --to {Time(times.Max() + Around)}";
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\As3://[a-z0-9.-]{3,63}/[A-Za-z0-9/_.=-]{1,180}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SafeObject { get; }
}

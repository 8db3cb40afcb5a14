using System.Globalization;

namespace Detector.App;

/// <summary>Instants as results write them: UTC, in the form of RFC 3339.</summary>
internal static class Times
{
    private const string Seconds = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string Fractions = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    /// <summary>For people: a clock's fractions tell them nothing.</summary>
    public static string WholeSecond(DateTimeOffset time) => time.UtcDateTime.ToString(Seconds, CultureInfo.InvariantCulture);

    /// <summary>For programs: as it is known; null if it is not.</summary>
    public static string? Exact(DateTimeOffset? time) =>
        time is { } at ? at.UtcDateTime.ToString(at.Ticks % TimeSpan.TicksPerSecond == 0 ? Seconds : Fractions, CultureInfo.InvariantCulture) : null;
}

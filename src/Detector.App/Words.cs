using System.Globalization;

namespace Detector.App;

/// <summary>Numbers and spans of time as people read them.</summary>
internal static class Words
{
    /// <summary>A number with its noun, such as <c>1,204 records</c>.</summary>
    public static string Count(long number, string what) => $"{Of(number)} {what}{(number == 1 ? "" : "s")}";

    public static string Of(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Whole days, hours below one day, minutes below one hour, seconds below one minute.</summary>
    public static string Of(TimeSpan span) =>
        span.TotalDays >= 1 ? Count(span.Days, "day")
        : span.TotalHours >= 1 ? Count(span.Hours, "hour")
        : span.TotalMinutes >= 1 ? Count(span.Minutes, "minute")
        : Count(span.Seconds, "second");

    /// <summary>How long somebody waits already: the smaller unit up to two of the larger, such as <c>90 minutes</c>.</summary>
    public static string Waited(TimeSpan span) =>
        span switch
        {
            { TotalMinutes: < 2 } => $"{(int)span.TotalSeconds} seconds",
            { TotalHours: < 2 } => $"{(int)span.TotalMinutes} minutes",
            { TotalDays: < 2 } => $"{(int)span.TotalHours} hours",
            _ => $"{(int)span.TotalDays} days",
        };
}

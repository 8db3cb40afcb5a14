using System.Globalization;

namespace Detector.App.Practices;

/// <summary>What people, and programs that read results, see of numbers and choices.</summary>
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

    public static string Of(Verdict verdict) =>
        verdict switch
        {
            Verdict.NothingSeen => "nothing seen",
            Verdict.CannotTell => "cannot tell",
            _ => verdict.ToString().ToLowerInvariant(),
        };

    public static string Of(Sureness sureness) => sureness.ToString().ToLowerInvariant();

    public static string Of(Weight weight) => weight.ToString().ToLowerInvariant();
}

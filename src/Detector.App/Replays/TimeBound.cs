using System.Globalization;
using Detector.App.Options;

namespace Detector.App.Replays;

/// <summary>Reads <c>--from</c> and <c>--to</c>: dates, times, and durations before now.</summary>
internal static class TimeBound
{
    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Reads a bound; without an offset it is UTC.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="endOfDay">Whether a date alone means the day's last instant, not its first.</param>
    /// <param name="now">What durations count back from.</param>
    /// <param name="bound">The instant.</param>
    public static bool TryParse(string text, bool endOfDay, DateTimeOffset now, out DateTimeOffset bound)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, utc, out bound))
        {
            bound = endOfDay ? bound.AddTicks(TimeSpan.TicksPerDay - 1) : bound;
            return true;
        }
        if (DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, utc, out bound))
            return true;
        if (!Durations.TryParse(text, out var ago) || ago > now - DateTimeOffset.UnixEpoch)
            return false;
        bound = now - ago;
        return true;
    }
}

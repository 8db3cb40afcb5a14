using System.Globalization;
using System.Text;

namespace Detector.Core.Events;

/// <summary>Reads times as CloudTrail writes them: <c>2024-08-18T09:30:00Z</c>, always UTC, at a resolution of one second.</summary>
public static class CloudTrailTime
{
    private const int Length = 20;

    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset Latest = new(8999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>Reads a time; anything that ISO 8601 allows is accepted beside CloudTrail's own form, without an offset as UTC.</summary>
    /// <remarks>
    /// What is so far from any event that windows and ages would run off the calendar is no time: from before 1970, or from the year 9000 on.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out DateTimeOffset time)
    {
        if (utf8.Length == Length && utf8[4] == '-' && utf8[7] == '-' && utf8[10] == 'T' && utf8[13] == ':' && utf8[16] == ':' && utf8[19] == 'Z')
        {
            return TryParts(utf8, out time) && IsPlausible(time);
        }
        return TryOther(utf8, out time) && IsPlausible(time);
    }

    private static bool IsPlausible(DateTimeOffset time) => time >= Earliest && time <= Latest;

    private static bool TryParts(ReadOnlySpan<byte> utf8, out DateTimeOffset time)
    {
        var year = Two(utf8, 0) * 100 + Two(utf8, 2);
        int month = Two(utf8, 5),
            day = Two(utf8, 8),
            hour = Two(utf8, 11),
            minute = Two(utf8, 14),
            second = Two(utf8, 17);
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23)
        {
            time = default;
            return false;
        }
        if (minute is < 0 or > 59 || second is < 0 or > 59)
        {
            time = default;
            return false;
        }
        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    /// <summary>Two digits, or something far below 0.</summary>
    private static int Two(ReadOnlySpan<byte> utf8, int at)
    {
        int tens = utf8[at] - '0',
            ones = utf8[at + 1] - '0';
        return tens is < 0 or > 9 || ones is < 0 or > 9 ? -10_000 : tens * 10 + ones;
    }

    private static bool TryOther(ReadOnlySpan<byte> utf8, out DateTimeOffset time)
    {
        time = default;
        // DateTimeOffset.TryParse accepts far more than ISO 8601: a date must stand first.
        return utf8.Length is >= 10 and <= 40
            && utf8[4] == '-'
            && utf8[7] == '-'
            && DateTimeOffset.TryParse(
                Encoding.UTF8.GetString(utf8),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out time
            );
    }
}

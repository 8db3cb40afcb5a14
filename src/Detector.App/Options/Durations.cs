using System.Globalization;

namespace Detector.App.Options;

/// <summary>Durations as people write them: <c>90s</c>, <c>5m</c>, <c>1h30m</c>, <c>7d</c>.</summary>
internal static class Durations
{
    /// <summary>For texts of our own, which are right.</summary>
    public static TimeSpan Parse(string text) => TryParse(text, out var duration) ? duration : throw new FormatException(text);

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text.Length is 0 or > 24)
            return false;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > 6)
                return false;
            var number = int.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            text = text[digits..];
            var unit = text.IndexOfAnyInRange('0', '9') is var next and >= 0 ? text[..next] : text;
            if (Unit(unit) is not { } length)
                return false;
            duration += number * length;
            text = text[unit.Length..];
        }
        return true;
    }

    private static TimeSpan? Unit(ReadOnlySpan<char> unit) =>
        unit switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => null,
        };
}

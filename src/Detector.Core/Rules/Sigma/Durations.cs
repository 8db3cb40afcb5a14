using System.Globalization;

namespace Detector.Core.Rules.Sigma;

/// <summary>Reads durations as Sigma writes them: a whole number and one of s, m, h, d, w.</summary>
internal static class Durations
{
    // Windows are kept for twice their length, and clocks and time spans have an end.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3_660);

    public static TimeSpan Parse(YamlNode node, string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            throw new SigmaException(node, $"'{text}' is not a duration", "write a number and one of s, m, h, d, w");
        }
        try
        {
            var duration = text[^1] switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                'w' => TimeSpan.FromDays(7L * number),
                _ => throw new SigmaException(node, $"'{text}' is not a duration", "write a number and one of s, m, h, d, w"),
            };
            return duration <= Longest ? duration : throw TooLong(node, text);
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            throw TooLong(node, text);
        }
    }

    private static SigmaException TooLong(YamlNode node, string text) => new(node, $"'{text}' is longer than ten years");
}

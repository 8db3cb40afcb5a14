using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Detector.Core.Rules.Sigma;

/// <summary>Reads durations as Sigma writes them: a whole number and one of s, m, h, d, w.</summary>
internal static class Durations
{
    public static TimeSpan Parse(YamlNode node, string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            throw new SigmaException(node, $"'{text}' is not a duration", "write a number and one of s, m, h, d, w");
        }
        try
        {
            return text[^1] switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                'w' => TimeSpan.FromDays(7L * number),
                _ => throw new SigmaException(node, $"'{text}' is not a duration", "write a number and one of s, m, h, d, w"),
            };
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            throw new SigmaException(node, $"'{text}' is longer than can be counted");
        }
    }
}

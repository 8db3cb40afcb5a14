using System.Globalization;

namespace Detector.Core.Detection.Correlations;

/// <summary>Correlation types <c>value_count</c>, <c>value_sum</c>, <c>value_avg</c> and <c>value_percentile</c>: what a field's values amount to.</summary>
internal static class Values
{
    /// <summary>How many different values there are; hits without one do not count.</summary>
    public static int Distinct(IReadOnlyList<WaitingHit> hits) => hits.Select(hit => hit.Value).OfType<string>().Distinct(StringComparer.Ordinal).Count();

    /// <summary>The values that are numbers.</summary>
    public static List<double> Numbers(IReadOnlyList<WaitingHit> hits)
    {
        var numbers = new List<double>(hits.Count);
        foreach (var hit in hits)
        {
            if (double.TryParse(hit.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            {
                numbers.Add(number);
            }
        }
        return numbers;
    }

    /// <summary>A percentile, interpolated between the two values nearest to it.</summary>
    public static double Percentile(List<double> numbers, double percentile)
    {
        numbers.Sort();
        var rank = percentile / 100 * (numbers.Count - 1);
        var below = (int)Math.Floor(rank);
        var above = Math.Min(below + 1, numbers.Count - 1);
        return numbers[below] + (numbers[above] - numbers[below]) * (rank - below);
    }
}

using System.Globalization;
using Detector.Core.Rules;

namespace Detector.Core.Detection.Correlations;

/// <summary>
/// Correlation types <c>value_sum</c>, <c>value_avg</c> and <c>value_percentile</c>: what the values that are numbers amount to. They are added up from the
/// smallest on, so that it makes no difference in which order they came and which have gone.
/// </summary>
/// <param name="rule">The correlation.</param>
/// <param name="amountOf">What one or more numbers amount to, the smallest first.</param>
internal sealed class NumberTally(CorrelationRule rule, Func<List<double>, double> amountOf) : WindowTally(rule)
{
    private readonly List<double> _numbers = [];

    public override double Reached => _numbers.Count == 0 ? double.NaN : amountOf(_numbers);

    public static double Sum(List<double> numbers) => numbers.Sum();

    /// <summary>A percentile, interpolated between the two numbers nearest to it.</summary>
    public static double Percentile(List<double> numbers, double percentile)
    {
        var rank = percentile / 100 * (numbers.Count - 1);
        var below = (int)Math.Floor(rank);
        // Between two numbers that are far enough apart there is no difference that a number could hold.
        return rank - below is > 0 and var part ? numbers[below] + (numbers[below + 1] - numbers[below]) * part : numbers[below];
    }

    public override void Add(WaitingHit hit)
    {
        if (Number(hit) is { } number)
        {
            var place = _numbers.BinarySearch(number);
            _numbers.Insert(place < 0 ? ~place : place, number);
        }
    }

    public override void Remove(WaitingHit hit)
    {
        if (Number(hit) is { } number)
        {
            _numbers.RemoveAt(_numbers.BinarySearch(number));
        }
    }

    public override void Clear() => _numbers.Clear();

    private static double? Number(WaitingHit hit) =>
        double.TryParse(hit.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}

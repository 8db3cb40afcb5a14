using System.Runtime.InteropServices;

namespace Detector.App.Backtests;

/// <summary>Counts by key. Callers choose names, so there may be any number of them: of too many only the sum is kept.</summary>
/// <param name="most">How many keys are counted apart.</param>
internal sealed class Tally<T>(int most = Tally<T>.Most)
    where T : notnull
{
    /// <summary>Keys that some megabytes hold.</summary>
    public const int Most = 50_000;

    private readonly Dictionary<T, long> _counts = [];

    /// <summary>What was counted, by key.</summary>
    public IReadOnlyDictionary<T, long> Counts => _counts;

    /// <summary>What was not counted apart.</summary>
    public long Rest { get; private set; }

    /// <summary>Counts one.</summary>
    public void Add(T key)
    {
        if (_counts.Count < most || _counts.ContainsKey(key))
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;
        else
            Rest++;
    }
}

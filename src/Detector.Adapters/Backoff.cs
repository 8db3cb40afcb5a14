namespace Detector.Adapters;

/// <summary>Waits that double from try to try up to a longest, each shortened by chance by up to half so that many clients do not come back at once.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    /// <param name="failures">How many tries in a row have failed; at least 1.</param>
    public TimeSpan After(int failures)
    {
        var doubled = first * Math.Pow(2, Math.Min(failures - 1, 30));
        var wait = doubled < longest ? doubled : longest;
        // An injected Random is not safe from many threads.
        lock (random)
            return wait * (1 - random.NextDouble() / 2);
    }
}

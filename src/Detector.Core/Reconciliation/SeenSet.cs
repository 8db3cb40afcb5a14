using Detector.Core.Delivery;
using Detector.Core.Events;

namespace Detector.Core.Reconciliation;

/// <summary>What the live path saw of a span, in memory: 8 bytes an event. Safe from many threads.</summary>
public sealed class SeenSet
{
    private readonly Dictionary<int, ulong[]> _hours;

    private SeenSet(DateTimeOffset began, Dictionary<int, ulong[]> hours) => (Began, _hours) = (began, hours);

    /// <summary>See <see cref="ISeenEvents.BeganAsync"/>.</summary>
    public DateTimeOffset Began { get; }

    /// <summary>How many it holds; those that came twice may count twice.</summary>
    public long Count => _hours.Values.Sum(hour => (long)hour.Length);

    /// <summary>Reads what a ledger remembers.</summary>
    public static async Task<SeenSet> ReadAsync(ISeenEvents ledger, TimeRange within, CancellationToken cancellation)
    {
        var hours = new Dictionary<int, List<ulong>>();
        await foreach (var (hour, identities) in ledger.ReadAsync(within, cancellation))
        {
            if (!hours.TryGetValue(hour, out var known))
                hours.Add(hour, known = []);
            known.AddRange(identities);
        }
        var sorted = new Dictionary<int, ulong[]>();
        foreach (var (hour, identities) in hours)
        {
            sorted.Add(hour, [.. identities]);
            Array.Sort(sorted[hour]);
            identities.Clear();
            identities.Capacity = 0;
        }
        return new SeenSet(await ledger.BeganAsync(cancellation), sorted);
    }

    /// <summary>Whether an event came.</summary>
    public bool Holds(SeenEvent seen) => _hours.TryGetValue(seen.Hour, out var hour) && Array.BinarySearch(hour, seen.Identity) >= 0;

    /// <summary>Whether an event should be known, had it come: since remembering began, and in hours of before of which others came.</summary>
    public bool Covers(SeenEvent seen, DateTimeOffset? time) => time >= Began || _hours.ContainsKey(seen.Hour);
}

using Detector.Core.Delivery;

namespace Detector.Core;

/// <summary>
/// How far time has passed for all instances: as far as for the one that is furthest behind. One that beats no more holds time until the messages that it had in
/// hand have come back to the queue and to others; then it counts as dead.
/// </summary>
/// <param name="deadAfter">For how long an instance must not have beaten, as seen from here: no clock but this one is asked.</param>
/// <param name="clock">The wall clock.</param>
internal sealed class LiveInstances(TimeSpan deadAfter, TimeProvider clock)
{
    private readonly Dictionary<string, (long Beat, long Seen)> _known = new(StringComparer.Ordinal);

    /// <summary>Takes in the last beat of each instance. Returns where time is, and who has died; the least there is, if nobody lives.</summary>
    public (DateTimeOffset Watermark, IReadOnlyList<string> Dead) Take(IReadOnlyList<Beat> beats)
    {
        var smallest = DateTimeOffset.MaxValue;
        var dead = new List<string>();
        foreach (var beat in beats)
        {
            if (!_known.TryGetValue(beat.Instance, out var last) || last.Beat != beat.Number)
            {
                last = (beat.Number, clock.GetTimestamp());
                _known[beat.Instance] = last;
            }
            if (clock.GetElapsedTime(last.Seen) >= deadAfter)
            {
                dead.Add(beat.Instance);
                _known.Remove(beat.Instance);
            }
            else if (beat.Watermark < smallest)
            {
                smallest = beat.Watermark;
            }
        }
        return (smallest == DateTimeOffset.MaxValue ? DateTimeOffset.MinValue : smallest, dead);
    }
}

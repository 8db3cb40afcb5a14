using Detector.Core.Events;

namespace Detector.Core.Detection;

/// <summary>What stage 1 found in one batch.</summary>
public sealed class Judgement
{
    private List<Hit>? _hits;
    private List<Rejected>? _rejected;

    /// <summary>Records read.</summary>
    public int Records { get; private set; }

    /// <summary>The newest eventTime among them.</summary>
    public DateTimeOffset? Newest { get; private set; }

    /// <summary>Rules that matched, in the order of the records.</summary>
    public IReadOnlyList<Hit> Hits => _hits ?? [];

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<Rejected> Rejected => _rejected ?? [];

    internal void Count(in CloudTrailEvent record)
    {
        Records++;
        if (record.EventTime is { } time && (Newest is null || time > Newest))
        {
            Newest = time;
        }
    }

    internal void Keep(Hit hit) => (_hits ??= []).Add(hit);

    internal void Reject(Rejected rejected) => (_rejected ??= []).Add(rejected);
}

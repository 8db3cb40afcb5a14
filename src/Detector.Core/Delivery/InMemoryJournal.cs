using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.Core.Delivery;

/// <summary>Hits in the order of their times. Not safe for several threads: the ledger locks.</summary>
internal sealed class InMemoryJournal
{
    private readonly HashSet<(EventIdentity Event, string Rule)> _known = [];
    private readonly SortedSet<JournaledHit> _hits = new(
        Comparer<JournaledHit>.Create(
            (a, b) =>
                a.Time != b.Time ? a.Time.CompareTo(b.Time)
                : a.Event != b.Event ? string.CompareOrdinal(a.Event.Value, b.Event.Value)
                : string.CompareOrdinal(a.RuleId, b.RuleId)
        )
    );

    public void Keep(IReadOnlyList<JournaledHit> hits)
    {
        foreach (var hit in hits)
        {
            if (_known.Add((hit.Event, hit.RuleId)))
                _hits.Add(hit);
        }
    }

    public JournaledHit[] Read() => [.. _hits];

    public void Forget(DateTimeOffset before)
    {
        while (_hits.Min is { } oldest && oldest.Time < before)
        {
            _hits.Remove(oldest);
            _known.Remove((oldest.Event, oldest.RuleId));
        }
    }
}

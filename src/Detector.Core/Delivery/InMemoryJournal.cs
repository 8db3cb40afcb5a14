using Detector.Core.Detection;

namespace Detector.Core.Delivery;

/// <summary>Hits that wait, and the names of those that are forgotten. Not safe for several threads: the ledger locks.</summary>
/// <param name="remembered">How many forgotten hits are known again.</param>
internal sealed class InMemoryJournal(int remembered)
{
    private readonly Dictionary<HitKey, JournaledHit> _waiting = [];
    private readonly HashSet<HitKey> _forgotten = [];
    private readonly Queue<HitKey> _forgottenInOrder = new();

    public List<JournaledHit> Keep(IReadOnlyList<JournaledHit> hits)
    {
        var kept = new List<JournaledHit>();
        foreach (var hit in hits)
        {
            if (!_forgotten.Contains(hit.Key) && _waiting.TryAdd(hit.Key, hit))
                kept.Add(hit);
        }
        return kept;
    }

    public JournaledHit[] Read() => [.. _waiting.Values.OrderBy(hit => hit.Time)];

    public void Forget(IReadOnlyList<HitKey> hits)
    {
        foreach (var hit in hits)
        {
            _waiting.Remove(hit);
            if (_forgotten.Add(hit))
                _forgottenInOrder.Enqueue(hit);
        }
        while (_forgottenInOrder.Count > remembered)
            _forgotten.Remove(_forgottenInOrder.Dequeue());
    }
}

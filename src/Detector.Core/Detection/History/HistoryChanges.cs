namespace Detector.Core.Detection.History;

/// <summary>
/// What history learned and forgot that is not written down yet. Of a fact the last counts: whoever writes these, and then those that come after, leaves a ledger
/// that holds what history does.
/// </summary>
public sealed class HistoryChanges
{
    private readonly Dictionary<FactKey, LearnedFact?> _changes = [];

    /// <summary>What was learned.</summary>
    public IReadOnlyList<LearnedFact> Learned => [.. _changes.Values.OfType<LearnedFact>()];

    /// <summary>What was forgotten, in this order.</summary>
    public IReadOnlyList<FactKey> Forgotten => [.. _changes.Where(change => change.Value is null).Select(change => change.Key)];

    internal void Learn(LearnedFact fact) => _changes[fact.Key] = fact;

    internal void Forget(FactKey fact) => _changes[fact] = null;

    /// <summary>Takes in changes from before these.</summary>
    internal void AddOlder(HistoryChanges older)
    {
        foreach (var (key, change) in older._changes)
        {
            _changes.TryAdd(key, change);
        }
    }
}

using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Core.Detection;

/// <summary>The owned fact that a rule matched an event. All that matching leaves behind: the batch's bytes may go.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="Event">Which event, by its identity.</param>
/// <param name="Time">The event's time; null if the record has none (such a hit takes no part in correlations).</param>
/// <param name="Record">A copy of the record, UTF-8 JSON.</param>
/// <param name="Origin">The origin of the batch that held it.</param>
/// <param name="Index">Its 0-based place among the batch's records.</param>
public sealed record Hit(Rule Rule, EventIdentity Event, DateTimeOffset? Time, ReadOnlyMemory<byte> Record, string Origin, int Index)
{
    /// <summary>When its batch was handed to the source (<see cref="EventBatch.SentAt"/>); null if that is not known.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>The groups under which it waits, or the session that it begins, as <see cref="Prospects"/> knows them; null if nobody asks.</summary>
    public ReadOnlyMemory<int>? Groups { get; init; }
}

/// <summary>A hit that waits, as the ledger keeps it until nobody needs it any more.</summary>
/// <param name="Key">Which hit waits for what.</param>
/// <param name="Time">The event's time.</param>
/// <param name="Record">The record, UTF-8 JSON.</param>
/// <param name="Origin">The origin of the batch that held it.</param>
/// <param name="Index">Its place among the batch's records.</param>
public sealed record JournaledHit(HitKey Key, DateTimeOffset Time, ReadOnlyMemory<byte> Record, string Origin, int Index)
{
    /// <summary>When its batch was handed to the source; null if that is not known.</summary>
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>Names a journaled hit.</summary>
/// <param name="For">
/// The <see cref="Rule.Key"/> of the correlation that it waits for; that of its own rule, if it waits for its place in time (<see cref="RuleSet.Waits(Rule)"/>).
/// </param>
/// <param name="Rule">The <see cref="Rule.Key"/> of the rule that matched.</param>
/// <param name="Event">The event that it matched.</param>
public readonly record struct HitKey(string For, string Rule, EventIdentity Event)
{
    /// <inheritdoc/>
    /// <remarks>Few hits are of one event: to hash the other names too costs more than it tells apart.</remarks>
    public override int GetHashCode() => Event.GetHashCode();
}

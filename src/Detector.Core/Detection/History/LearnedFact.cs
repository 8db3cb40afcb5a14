namespace Detector.Core.Detection.History;

/// <summary>One thing that was learned from the trail, as the ledger keeps it: of one entity and name the newest counts, and older ones say what was before.</summary>
/// <param name="Entity">What it is about, such as <c>user 111122223333 ann</c>.</param>
/// <param name="Name">Which fact, such as <c>group:admins</c>.</param>
/// <param name="Value">What it is; null if it is so no more.</param>
/// <param name="Time">The time of the event that told it.</param>
public sealed record LearnedFact(string Entity, string Name, string? Value, DateTimeOffset Time)
{
    /// <summary>For how long before its newest value a fact keeps older ones: longer than a hit waits to be judged again after a crash.</summary>
    public static TimeSpan Kept { get; } = TimeSpan.FromDays(2);
}

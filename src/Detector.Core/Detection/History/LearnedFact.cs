namespace Detector.Core.Detection.History;

/// <summary>One thing that was learned from the trail, as the ledger keeps it: of one entity and name the newest counts, and older ones say what was before.</summary>
/// <param name="Entity">What it is about, such as <c>user 111122223333 ann</c>.</param>
/// <param name="Name">Which fact, such as <c>group:admins</c>.</param>
/// <param name="Value">What it is; null if it is so no more.</param>
/// <param name="Time">The time of the event that told it.</param>
public sealed record LearnedFact(string Entity, string Name, string? Value, DateTimeOffset Time)
{
    /// <summary>What it is known by.</summary>
    public FactKey Key => new(Entity, Name, Time);

    /// <summary>Begins the names of entities that are sessions.</summary>
    public const string OfSession = Rules.Fields.Entity.Sessions;

    /// <summary>For how long the beginning of a session is kept: none lasts longer than 36 hours (GetFederationToken, GetSessionToken), and hits may wait.</summary>
    public static TimeSpan SessionKept { get; } = TimeSpan.FromDays(4);

    /// <summary>For how long before its newest value a fact keeps older ones: longer than a hit waits to be judged again after a crash.</summary>
    public static TimeSpan Kept { get; } = TimeSpan.FromDays(2);
}

/// <summary>What a fact is known by.</summary>
/// <param name="Entity">What it is about.</param>
/// <param name="Name">Which fact.</param>
/// <param name="Time">The time of the event that told it.</param>
public readonly record struct FactKey(string Entity, string Name, DateTimeOffset Time);

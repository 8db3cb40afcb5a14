namespace Detector.Core.Rules.Fields;

/// <summary>
/// What was learned of the things in an account: of each (an entity, see <see cref="Entity"/>) some facts by name. Facts are asked for as of an instant, so
/// that what an event is told does not depend on what has happened to be learned since.
/// </summary>
internal interface IHistory
{
    /// <summary>A fact as of an instant; null if nothing had been learned of it. A fact without a value tells that something was gone.</summary>
    Fact? Find(string entity, string name, DateTimeOffset asOf);

    /// <summary>The facts of an entity whose names begin so, as of an instant, without those that were gone, by name.</summary>
    IEnumerable<(string Name, Fact Fact)> Of(string entity, string prefix, DateTimeOffset asOf);

    /// <summary>The entities whose names begin so.</summary>
    IEnumerable<string> Entities(string prefix);

    /// <summary>What <see cref="KnownGrants.Administrators"/> tells as of an instant, if that need not be counted; null if it has to be.</summary>
    long? Administrators(string account, DateTimeOffset asOf);
}

/// <summary>Something that was learned.</summary>
/// <param name="Value">What; null if it is gone.</param>
/// <param name="Time">When it came to be so: the time of the event.</param>
internal readonly record struct Fact(string? Value, DateTimeOffset Time);

/// <summary>What is known when an event is judged.</summary>
/// <param name="History">What was learned.</param>
/// <param name="Now">The instant, in event time: what came later is not asked for.</param>
internal sealed record Past(IHistory History, DateTimeOffset Now)
{
    /// <inheritdoc cref="IHistory.Find"/>
    public Fact? Find(string entity, string name) => History.Find(entity, name, Now);

    /// <summary>A fact as it was before an instant.</summary>
    public Fact? Before(DateTimeOffset instant, string entity, string name) => History.Find(entity, name, instant.AddTicks(-1));

    /// <inheritdoc cref="IHistory.Of"/>
    public IEnumerable<(string Name, Fact Fact)> Of(string entity, string prefix) => History.Of(entity, prefix, Now);

    /// <inheritdoc cref="IHistory.Entities"/>
    public IEnumerable<string> Entities(string prefix) => History.Entities(prefix);
}

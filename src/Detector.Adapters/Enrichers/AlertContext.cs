using Detector.Core.Delivery;
using Detector.Core.Detection;

namespace Detector.Adapters.Enrichers;

/// <summary>What is known besides an alert, at the time of telling. No part of its identity, and never waited for: see <see cref="Enrichment"/>.</summary>
public sealed record AlertContext
{
    /// <summary>Nothing is known.</summary>
    public static AlertContext None { get; } = new();

    /// <summary>What people call the account.</summary>
    public string? AccountName { get; init; }

    /// <summary>Where the source address is, such as <c>Amsterdam, Netherlands</c>.</summary>
    public string? Place { get; init; }

    /// <summary>The country of the source address, as ISO 3166-1 has it.</summary>
    public string? Country { get; init; }

    /// <summary>Whose network the source address belongs to, such as <c>AS64496 Example Hosting</c>.</summary>
    public string? Network { get; init; }

    /// <summary>What had never been in an alert of this actor before: the rule, the address, the country.</summary>
    public IReadOnlyList<string> FirstSeen { get; init; } = [];

    /// <summary>Calls of the actor shortly before and after, in the order of their times.</summary>
    public IReadOnlyList<RecentCall> Calls { get; init; } = [];

    /// <summary>What the rule's runbook says to check first.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>What could not be found out in time.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}

/// <summary>Finds out something about an alert.</summary>
public interface IEnricher
{
    /// <summary>What is missing when it fails, in words.</summary>
    string Finds { get; }

    /// <summary>The context with what it has found out. What it throws counts as a failure.</summary>
    ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation);
}

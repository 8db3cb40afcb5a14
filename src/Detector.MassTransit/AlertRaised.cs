namespace Detector.MassTransit;

/// <summary>An alert, as subscribers on the bus get it.</summary>
/// <remarks>The namespace is part of the message's name on the bus: moving the type would break subscribers.</remarks>
public sealed record AlertRaised
{
    /// <summary>Identity: a subscriber that sees one twice has seen the same alert.</summary>
    public required string AlertId { get; init; }

    /// <summary>How much is at stake: informational, low, medium, high or critical.</summary>
    public required string Severity { get; init; }

    /// <summary>The rule's name, such as <c>root-usage</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>The account in which it happened, or null.</summary>
    public string? Account { get; init; }

    /// <summary>The region in which it happened, or null.</summary>
    public string? Region { get; init; }

    /// <summary>The whole alert, in the one JSON form that alerts have everywhere.</summary>
    public required string Body { get; init; }
}

namespace Detector.Core.Delivery;

/// <summary>An alert as the ledger remembers it.</summary>
/// <param name="Alert">What was to be told.</param>
/// <param name="AcceptedAt">When the ledger took it.</param>
/// <param name="Suppressed">See <see cref="Dispatch.Suppressed"/>.</param>
/// <param name="Repeats">Further events that came under its id and were counted instead of told.</param>
/// <param name="Deliveries">By the sinks' names; none if no sink was to have it.</param>
public sealed record LedgerAlert(Alert Alert, DateTimeOffset AcceptedAt, long Suppressed, long Repeats, IReadOnlyList<LedgerDelivery> Deliveries);

/// <summary>What became of an alert at one sink.</summary>
/// <param name="Sink">The sink's <see cref="IAlertSink.Name"/>.</param>
/// <param name="State">How far it came.</param>
/// <param name="Attempts">How often it was claimed to be sent.</param>
/// <param name="DueAt">While it is pending: when it is sent next; under a lease, when that ends.</param>
/// <param name="Reason">Why the last attempt did not deliver; empty if it did, or there was none.</param>
/// <param name="SettledAt">When it was delivered or refused; null while it is pending.</param>
/// <param name="Digest">The digest that it was gathered into; null if it is told by itself.</param>
public sealed record LedgerDelivery(
    string Sink,
    DeliveryState State,
    int Attempts,
    DateTimeOffset DueAt,
    string Reason,
    DateTimeOffset? SettledAt,
    AlertId? Digest
);

/// <summary>How far a delivery came. The numbers are those in the ledger.</summary>
public enum DeliveryState
{
    /// <summary>It is still to be sent, or to be sent again.</summary>
    Pending = 0,

    /// <summary>The sink has it.</summary>
    Delivered = 1,

    /// <summary>The sink does not want it: trying again cannot help.</summary>
    Refused = 2,
}

/// <summary>Which alerts of a ledger are asked for.</summary>
public sealed record AlertQuery
{
    /// <summary>Every alert.</summary>
    public static AlertQuery All { get; } = new();

    /// <summary>Those accepted then or later; null for no limit.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Those accepted before; null for no limit.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Those whose ids begin so, in lower case; empty for all.</summary>
    public string IdPrefix { get; init; } = "";
}

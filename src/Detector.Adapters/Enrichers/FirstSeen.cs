using Detector.Core.Delivery;

namespace Detector.Adapters.Enrichers;

/// <summary>
/// Tells what no earlier alert of the same actor had: its rule, its source address, the address's country. The ledger remembers, so a restart forgets nothing; what
/// was in no alert for as long as the ledger remembers one is new again. An alert that is sent again, or to another sink, is told the same.
/// </summary>
/// <param name="ledger">Where it is noted.</param>
public sealed class FirstSeen(ILedger ledger) : IEnricher
{
    private const string Notes = "first-seen";

    /// <inheritdoc/>
    public string Finds => "whether it was seen before";

    /// <inheritdoc/>
    public async ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation)
    {
        if (alert.Facts.Actor is not { Length: > 0 } actor)
            return context;
        var news = new List<string>();
        if (await IsFirstAsync("rule", actor, alert.Rule.Id, alert.Id, cancellation))
            news.Add("alert of this rule");
        if (alert.Facts.SourceAddress is { Length: > 0 } address && await IsFirstAsync("address", actor, address, alert.Id, cancellation))
            news.Add("alert from this address");
        if (context is { Country: { } country } && await IsFirstAsync("country", actor, country, alert.Id, cancellation))
            news.Add("alert from this country");
        return context with { FirstSeen = news };
    }

    /// <summary>Who came first keeps the place, and is first again when it is asked again.</summary>
    private async ValueTask<bool> IsFirstAsync(string kind, string actor, string value, AlertId alert, CancellationToken cancellation)
    {
        var key = AlertId.Of(kind, actor, value).Value;
        var first = await ledger.RecallAsync(Notes, key, cancellation);
        // Written anew each time, so that what goes on is not forgotten.
        await ledger.NoteAsync(Notes, [new SinkNote(key, first, first ?? alert.Value)], cancellation);
        return first is null || string.Equals(first, alert.Value, StringComparison.Ordinal);
    }
}

using Detector.Core.Delivery;

namespace Detector.Adapters.Enrichers;

/// <summary>Names accounts: as the configuration does, else by the alias that the trail has told of.</summary>
/// <param name="configured">Names by account id.</param>
/// <param name="learned">The alias of an account, or null.</param>
public sealed class AccountNames(IReadOnlyDictionary<string, string> configured, Func<string, string?> learned) : IEnricher
{
    /// <inheritdoc/>
    public string Finds => "the account's name";

    /// <inheritdoc/>
    public ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation) =>
        ValueTask.FromResult(
            alert.Facts.Account is { } account ? context with { AccountName = configured.GetValueOrDefault(account) ?? learned(account) } : context
        );
}

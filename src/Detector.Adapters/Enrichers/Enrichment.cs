using Detector.Core.Delivery;

namespace Detector.Adapters.Enrichers;

/// <summary>
/// Finds out what helps to read an alert, within a limit of time. Whatever fails or is late is noted in <see cref="AlertContext.Missing"/>; the alert goes out all
/// the same.
/// </summary>
/// <param name="enrichers">One after another: a later one sees what the earlier ones found.</param>
/// <param name="clock">Measures the limit.</param>
public sealed class Enrichment(IReadOnlyList<IEnricher> enrichers, TimeProvider clock)
{
    /// <summary>How long all of them together may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Nothing is found out.</summary>
    public static Enrichment None { get; } = new([], TimeProvider.System);

    /// <summary>The alert's context.</summary>
    public async ValueTask<AlertContext> OfAsync(Alert alert, CancellationToken cancellation)
    {
        var context = AlertContext.None;
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        foreach (var enricher in enrichers)
        {
            try
            {
                context = await enricher.AddAsync(context, alert, either.Token).AsTask().WaitAsync(either.Token);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                context = context with { Missing = [.. context.Missing, enricher.Finds] };
            }
        }
        return context;
    }
}

using Amazon.SQS;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App;

/// <summary>The live path, made and not yet running.</summary>
/// <param name="parts">Closed with it.</param>
/// <param name="pump">From the source to the acknowledgement.</param>
/// <param name="dispatcher">Sends what the ledger holds.</param>
/// <param name="correlator">Judges correlations for all instances that share the ledger; null if this process is alone with its own.</param>
/// <param name="rules">Keeps the rules as they are on disk.</param>
/// <param name="watermark">Up to where time has passed, as far as this process knows.</param>
/// <param name="vigils">What watches over the detector itself.</param>
internal sealed class LivePath(
    Parts parts,
    Pump pump,
    Dispatcher dispatcher,
    Correlator? correlator,
    RuleWatch rules,
    Func<DateTimeOffset> watermark,
    IReadOnlyList<Func<CancellationToken, Task>> vigils
) : IAsyncDisposable
{
    public Pump Pump => pump;

    public Dispatcher Dispatcher => dispatcher;

    public Correlator? Correlator => correlator;

    public RuleWatch Rules => rules;

    /// <summary>Up to where time has passed, as far as this process knows.</summary>
    public DateTimeOffset Watermark => watermark();

    /// <summary>Where the embedded intake listens; null if it is off.</summary>
    public Uri? Intake { get; init; }

    /// <summary>The queue's client; null if there is no queue.</summary>
    public IAmazonSQS? Sqs { get; init; }

    /// <summary>Watches over the detector itself until stopped: silence, canary, heartbeat.</summary>
    public Task WatchOverAsync(CancellationToken stopping) => Task.WhenAll(vigils.Select(vigil => UntilStoppedAsync(vigil, stopping)));

    /// <summary>Exchanges the rules while running.</summary>
    public void Replace(RuleSet others)
    {
        correlator?.Replace(others);
        pump.Replace(others);
    }

    public ValueTask DisposeAsync() => parts.DisposeAsync();

    private static async Task UntilStoppedAsync(Func<CancellationToken, Task> vigil, CancellationToken stopping)
    {
        try
        {
            await vigil(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
    }
}

/// <summary>The ledger with its sinks alone, made and not yet running.</summary>
internal sealed class Outbox(Parts parts, Dispatcher dispatcher) : IAsyncDisposable
{
    public Dispatcher Dispatcher => dispatcher;

    public ValueTask DisposeAsync() => parts.DisposeAsync();
}

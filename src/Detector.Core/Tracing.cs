using System.Diagnostics;

namespace Detector.Core;

/// <summary>
/// One event's way as a trace (OpenTelemetry): a span for its batch with one for each step, and one for each delivery of its alerts. Costs nothing while nobody
/// listens.
/// </summary>
public static class Tracing
{
    /// <summary>Name of the source of all spans.</summary>
    public const string SourceName = "Detector";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a step; the span ends when what is returned is disposed. Null while nobody listens.</summary>
    /// <param name="step">A word of <c>docs/observing.md</c>: batch, match, conclude, deliver.</param>
    /// <param name="parent">What led to it, where that is not the step around it.</param>
    public static Activity? Step(string step, ActivityContext parent = default) => Source.StartActivity(step, ActivityKind.Internal, parent);
}

using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>What <c>detector run</c> was asked to do.</summary>
/// <param name="Options">The configuration, checked.</param>
/// <param name="Sample">Whether the bundled story is fed in: to the queue if there is one, else to the intake.</param>
/// <param name="ExitAfterSample">Whether to end once the story is done.</param>
internal sealed record RunSettings(DetectorOptions Options, bool Sample, bool ExitAfterSample)
{
    /// <summary>Why this cannot be done; null if it can. Invented events on a real queue would alarm real people.</summary>
    public string? Fault =>
        Sample && Options.Queue is { ServiceUrl: null }
            ? "--sample: would send invented events to a real queue; with a queue it goes only with queue.serviceUrl, an emulator's"
            : null;
}

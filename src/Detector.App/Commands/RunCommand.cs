using Detector.Core;

namespace Detector.App.Commands;

/// <summary>Runs the detector until it is stopped.</summary>
internal static class RunCommand
{
    /// <summary>Returns the exit code.</summary>
    public static Task<int> RunAsync(RunSettings settings, IProgress<Notice> log, TimeProvider time, CancellationToken stopping) =>
        throw new NotSupportedException("the live path is not wired yet");
}

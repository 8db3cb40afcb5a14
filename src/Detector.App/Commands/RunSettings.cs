using Detector.App.Options;

namespace Detector.App.Commands;

/// <summary>What <c>detector run</c> was asked to do.</summary>
/// <param name="Options">The configuration, checked.</param>
/// <param name="Sample">Whether the bundled story is fed in.</param>
/// <param name="ExitAfterSample">Whether to end once the story is done.</param>
internal sealed record RunSettings(DetectorOptions Options, bool Sample, bool ExitAfterSample);

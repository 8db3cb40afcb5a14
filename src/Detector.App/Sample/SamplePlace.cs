using System.Net;
using Detector.App.Options;

namespace Detector.App.Sample;

/// <summary>A throw-away folder and a free port, so that the story is told anew on every run and touches nothing of a real one.</summary>
internal sealed class SamplePlace : IDisposable
{
    // The story is whole: its correlations need not wait for stragglers. On a queue its messages come in any order all the same.
    private static readonly TimeSpan IntakeLateness = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QueueLateness = TimeSpan.FromSeconds(15);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-sample-");

    /// <summary>The same options with the sample's own ledger, spool, port and lateness.</summary>
    public DetectorOptions Instead(DetectorOptions options) =>
        options with
        {
            Ledger = options.Ledger with { File = Path.Combine(_folder.FullName, "ledger.db") },
            Queue = options.Queue is { } queue ? queue with { Lateness = QueueLateness } : null,
            Intake = options.Queue is null
                ? new IntakeOptions(
                    new IPEndPoint(IPAddress.Loopback, 0),
                    null,
                    options.Intake!.BodyLimit,
                    Path.Combine(_folder.FullName, "spool.db"),
                    IntakeLateness
                )
                : null,
        };

    public void Dispose() => _folder.Delete(recursive: true);
}

using BenchmarkDotNet.Attributes;
using Detector.Core.Detection;
using Detector.Core.Events;

namespace Detector.Benchmarks;

/// <summary>
/// The live path inside the process: one EventBridge-wrapped record in, no alert out. Records differ, so that no branch is learned by heart.
/// </summary>
[MemoryDiagnoser]
public class LivePathBenchmarks
{
    private const int Events = 1024;

    private EventBatch[] _batches = [];
    private Judge _judge = null!;

    /// <summary>Rules loaded.</summary>
    [Params(10, 1_000, 10_000)]
    public int Rules { get; set; }

    /// <summary>Makes the events and compiles the rules.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _batches = [.. Enumerable.Range(0, Events).Select(i => new EventBatch($"sqs:bench/{i}", Workloads.Envelope(i), Receipt.None))];
        _judge = new Judge(Workloads.Rules(Rules));
    }

    /// <summary>Reads and matches one record.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public int JudgeEnvelope()
    {
        var records = 0;
        foreach (var batch in _batches)
        {
            records += _judge.Try(batch).Records;
        }
        return records;
    }
}

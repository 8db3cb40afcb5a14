using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Detector.Core.Events;

/// <summary>Several sources as one: their batches as they come, and idle only while all of them are.</summary>
public sealed class MergedSource(IReadOnlyList<IEventSource> sources) : IEventSource
{
    /// <inheritdoc/>
    public string Name { get; } = string.Join('+', sources.Select(source => source.Name));

    /// <summary>The latest source's.</summary>
    public TimeSpan Lateness { get; } = sources.Max(source => source.Lateness);

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        // Holds one batch: a source is asked for the next only when its last one has been taken.
        var merged = Channel.CreateBounded<(int Source, EventBatch Batch)>(1);
        var reading = CompleteAsync(Task.WhenAll(sources.Select((source, number) => CopyAsync(source, number, merged.Writer, stopping))), merged.Writer);
        var idle = new bool[sources.Count];
        await foreach (var (source, batch) in merged.Reader.ReadAllAsync(CancellationToken.None))
        {
            idle[source] = batch.IsIdle;
            if (!batch.IsIdle || !idle.Contains(false))
            {
                yield return batch;
            }
        }
        await reading;
    }

    private static async Task CopyAsync(IEventSource source, int number, ChannelWriter<(int, EventBatch)> writer, CancellationToken stopping)
    {
        await foreach (var batch in source.ReadAsync(stopping))
        {
            await writer.WriteAsync((number, batch), CancellationToken.None);
        }
    }

    private static async Task CompleteAsync(Task reading, ChannelWriter<(int, EventBatch)> writer)
    {
        await Task.WhenAny(reading);
        writer.Complete(reading.Exception);
        await reading;
    }
}

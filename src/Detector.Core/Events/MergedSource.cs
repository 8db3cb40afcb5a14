using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Detector.Core.Events;

/// <summary>
/// Several sources as one: their batches as they come, and idle only while all of them are. A source that has ended counts as idle; one that throws ends the
/// others, and what it threw is told.
/// </summary>
public sealed class MergedSource(IReadOnlyList<IEventSource> sources) : IEventSource
{
    /// <inheritdoc/>
    public string Name { get; } = string.Join('+', sources.Select(source => source.Name));

    /// <summary>The latest source's.</summary>
    public TimeSpan Lateness { get; } = sources.Max(source => source.Lateness);

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        // Holds one batch: a source is asked for the next only when its last one has been taken.
        var merged = Channel.CreateBounded<(int Source, EventBatch Batch)>(1);
        var reading = ReadAllAsync(merged.Writer, ending);
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

    private async Task ReadAllAsync(ChannelWriter<(int, EventBatch)> writer, CancellationTokenSource ending)
    {
        try
        {
            await Task.WhenAll(sources.Select((source, number) => CopyAsync(source, number, writer, ending)));
        }
        finally
        {
            writer.Complete();
        }
    }

    private static async Task CopyAsync(IEventSource source, int number, ChannelWriter<(int, EventBatch)> writer, CancellationTokenSource ending)
    {
        try
        {
            await foreach (var batch in source.ReadAsync(ending.Token))
            {
                await writer.WriteAsync((number, batch), CancellationToken.None);
            }
            await writer.WriteAsync((number, EventBatch.Idle), CancellationToken.None);
        }
        catch
        {
            await ending.CancelAsync();
            throw;
        }
    }
}

using System.Threading.Channels;

namespace Detector.Adapters.Aws;

/// <summary>An item of a batch that was not done.</summary>
/// <param name="Item">Which.</param>
/// <param name="Fault">Why.</param>
/// <param name="Final">Whether trying again is useless.</param>
internal readonly record struct Undone<T>(T Item, AwsFault Fault, bool Final);

/// <summary>
/// Gathers items into batches of up to ten, the most that one SQS call takes, and sends several batches at once. A batch, or the part of it
/// that failed, is tried a few times with growing waits; then it is given up, which SQS makes good by delivering the messages again.
/// </summary>
internal sealed class Batcher<T> : IAsyncDisposable
{
    /// <summary>The most entries of one SQS batch call.</summary>
    public const int BatchSize = 10;

    private const int Tries = 4;
    private const int Lanes = 8;

    /// <summary>How long one call may take: a shutdown waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What a straggler may cost: long enough to gather what one thread posts in a row, too short for a person to notice.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    private readonly Channel<T> _items = Channel.CreateUnbounded<T>();
    private readonly Func<IReadOnlyList<T>, CancellationToken, Task<IReadOnlyList<Undone<T>>>> _send;
    private readonly Trouble _trouble;
    private readonly Backoff _backoff;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _lanes = new(Lanes);
    private readonly CancellationTokenSource _hurry = new();
    private readonly Lock _gate = new();
    private readonly Task _run;
    private TaskCompletionSource _drained = new();
    private int _pending;

    /// <summary><c>send</c> does one batch and answers what was not done; it throws if nothing was.</summary>
    public Batcher(Func<IReadOnlyList<T>, CancellationToken, Task<IReadOnlyList<Undone<T>>>> send, Trouble trouble, Backoff backoff, TimeProvider time)
    {
        (_send, _trouble, _backoff, _time) = (send, trouble, backoff, time);
        _drained.SetResult();
        _run = Task.Run(RunAsync);
    }

    /// <summary>Takes an item and returns at once. After <see cref="DisposeAsync"/> the item is ignored.</summary>
    public void Post(T item)
    {
        lock (_gate)
        {
            if (!_items.Writer.TryWrite(item))
                return;
            if (_pending++ == 0)
                _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Completes when nothing is pending: every item posted was done or given up.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
            return _drained.Task;
    }

    /// <summary>Takes no more items and completes when nothing is pending.</summary>
    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        await _hurry.CancelAsync();
        await _run;
        await DrainAsync();
        _lanes.Dispose();
        _hurry.Dispose();
    }

    private async Task RunAsync()
    {
        var items = _items.Reader;
        while (await items.WaitToReadAsync())
        {
            if (items.Count < BatchSize)
                await Task.Delay(Linger, _time, _hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var batch = new List<T>(BatchSize);
            while (batch.Count < BatchSize && items.TryRead(out var item))
                batch.Add(item);
            await _lanes.WaitAsync();
            _ = DoAsync(batch);
        }
    }

    private async Task DoAsync(List<T> batch)
    {
        var pending = batch.Count;
        for (var tries = 1; batch.Count > 0; tries++)
        {
            batch = await TryAsync(batch);
            if (batch.Count == 0 || tries == Tries)
                break;
            await Task.Delay(_backoff.After(tries), _time);
        }
        _lanes.Release();
        lock (_gate)
        {
            if ((_pending -= pending) == 0)
                _drained.SetResult();
        }
    }

    /// <returns>What is worth another try.</returns>
    private async Task<List<T>> TryAsync(List<T> batch)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, _time);
            var undone = await _send(batch, patience.Token);
            var again = undone.Where(one => !one.Final).ToList();
            if (undone.Count > again.Count)
                _trouble.Refused(undone.Count - again.Count, undone.First(one => one.Final).Fault.Text);
            if (again.Count > 0)
                _trouble.Failed(again[0].Fault);
            else
                _trouble.Mended();
            return [.. again.Select(one => one.Item)];
        }
#pragma warning disable CA1031 // Whatever a call to AWS throws, the batch is tried again or comes again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _trouble.Failed(AwsFault.Of(exception));
            return batch;
        }
    }
}

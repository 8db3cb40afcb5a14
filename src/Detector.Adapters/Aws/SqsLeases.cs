using System.Threading.Channels;
using Detector.Core;

namespace Detector.Adapters.Aws;

/// <summary>
/// Keeps received messages invisible to others while they are in work, and tells the queue how each ended: deleted, or visible again after a
/// wait. Owns everything that goes to the queue besides receiving.
/// </summary>
internal sealed class SqsLeases : IAsyncDisposable
{
    private readonly SqsQueue _queue;
    private readonly SqsSourceOptions _options;
    private readonly TimeProvider _time;
    private readonly IProgress<Notice> _notices;
    private readonly Batcher<SqsReceipt> _deletes;
    private readonly Batcher<VisibilityChange> _changes;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _renewing;

    // Every lease lasts equally long, so the first in is the first due: a plain queue is sorted by itself.
    // When each was renewed last is by the clock that only counts: a wall clock that jumps would end leases, or let them run out.
    private readonly Channel<(SqsReceipt Receipt, long Renewed)> _held = Channel.CreateUnbounded<(SqsReceipt, long)>();

    public SqsLeases(SqsQueue queue, SqsSourceOptions options, TimeProvider time, IProgress<Notice> notices, Random random)
    {
        (_queue, _options, _time, _notices) = (queue, options, time, notices);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), random);
        _deletes = new(queue.DeleteAsync, new Trouble(SqsSource.SourceName, $"acknowledging to queue {queue.Name}", notices, time), backoff, time);
        _changes = new(ChangeAsync, new Trouble(SqsSource.SourceName, $"renewing leases of queue {queue.Name}", notices, time), backoff, time);
        _renewing = Task.Run(RenewAsync);
    }

    /// <summary>Starts the lease of a message that has just been received.</summary>
    public SqsReceipt Hold(string handle, int receives)
    {
        var receipt = new SqsReceipt(this, handle, receives, _time.GetTimestamp());
        _held.Writer.TryWrite((receipt, receipt.Since));
        return receipt;
    }

    public void Delete(SqsReceipt receipt) => _deletes.Post(receipt);

    /// <summary>Makes the message visible after a wait that doubles with the number of its receives.</summary>
    public void Return(SqsReceipt receipt)
    {
        var doubled = TimeSpan.FromSeconds(Math.Pow(2, Math.Clamp(receipt.Receives, 0, 16)));
        var wait = doubled < _options.MaxReturnDelay ? doubled : _options.MaxReturnDelay;
        _changes.Post(new VisibilityChange(receipt, wait, Renewal: false));
    }

    /// <summary>Completes when the queue has been told of every message settled so far, or telling it was given up.</summary>
    public Task DrainAsync() => Task.WhenAll(_deletes.DrainAsync(), _changes.DrainAsync());

    /// <summary>Gives back what is still held, so that others need not wait for it, and tells the queue what it has not been told yet.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_held.Writer.TryComplete())
            return;
        await _ending.CancelAsync();
        await _renewing;
        while (_held.Reader.TryRead(out var lease))
            await lease.Receipt.ReturnAsync(CancellationToken.None);
        await _deletes.DisposeAsync();
        await _changes.DisposeAsync();
        _ending.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (await _held.Reader.WaitToReadAsync(_ending.Token))
            {
                _held.Reader.TryPeek(out var lease);
                if (_options.RenewEvery - _time.GetElapsedTime(lease.Renewed) is { Ticks: > 0 } wait)
                    await Task.Delay(wait, _time, _ending.Token);
                _held.Reader.TryRead(out _);
                if (lease.Receipt.IsHeld)
                    Renew(lease.Receipt);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Renew(SqsReceipt receipt)
    {
        if (_time.GetElapsedTime(receipt.Since) + _options.RenewEvery > _options.MaxHold)
        {
            receipt.End();
            var message = $"a message of queue {_queue.Name} was not settled within {_options.MaxHold}: it is given up and comes again";
            _notices.Report(new Notice(NoticeSeverity.Warning, SqsSource.SourceName, message));
            return;
        }
        _changes.Post(new VisibilityChange(receipt, _options.Visibility, Renewal: true));
        _held.Writer.TryWrite((receipt, _time.GetTimestamp()));
    }

    private async Task<IReadOnlyList<Undone<VisibilityChange>>> ChangeAsync(IReadOnlyList<VisibilityChange> changes, CancellationToken cancellation)
    {
        // A renewal that waited its turn while its message was settled would hide a message that was given back.
        List<VisibilityChange> due = [.. changes.Where(change => !change.Renewal || change.Receipt.IsHeld)];
        if (due.Count == 0)
            return [];
        var undone = await _queue.ChangeVisibilityAsync(due, cancellation);
        foreach (var lost in undone.Where(one => one.Final))
            lost.Item.Receipt.End();
        return undone;
    }
}

using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Amazon.SQS;
using Amazon.SQS.Model;
using Detector.Core.Events;

namespace Detector.Adapters.Aws;

/// <summary>
/// Receives from a queue until told to stop. One receiver is always at work; another joins whenever one brings messages, up to a limit, and
/// leaves when it brings none. So an empty or unreachable queue sees one request at a time, and when the last receiver finds nothing, the queue
/// is empty.
/// </summary>
internal sealed class SqsIntake : IDisposable
{
    /// <summary>How much longer than asked a receive may take before a shutdown stops waiting for it.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly SqsQueue _queue;
    private readonly SqsLeases _leases;
    private readonly SqsSourceOptions _options;
    private readonly Trouble _trouble;
    private readonly Backoff _backoff;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly SemaphoreSlim _room;
    private readonly Lock _gate = new();
    private int _receivers = 1;

    public SqsIntake(
        SqsQueue queue,
        SqsLeases leases,
        SqsSourceOptions options,
        Trouble trouble,
        Backoff backoff,
        TimeProvider time,
        CancellationToken stopping
    )
    {
        (_queue, _leases, _options, _trouble, _backoff, _time, _stopping) = (queue, leases, options, trouble, backoff, time, stopping);
        _room = new SemaphoreSlim(Math.Max(1, options.Prefetch / Batcher<Message>.BatchSize));
        _ = ReceiveAsync();
    }

    /// <summary>A batch, and whether it is the last of the receive that brought it, whose room is then free.</summary>
    public readonly record struct Received(EventBatch Batch, bool EndsReceive);

    /// <summary>What was received, in order; completes after a stop, when every receive in flight has ended.</summary>
    public ChannelReader<Received> Batches => _received.Reader;

    /// <summary>Says that the batches of one receive have been taken.</summary>
    public void MakeRoom() => _room.Release();

    /// <summary>To be called when <see cref="Batches"/> has completed.</summary>
    public void Dispose() => _room.Dispose();

    private async Task ReceiveAsync()
    {
        var failures = 0;
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                await _room.WaitAsync(_stopping);
                var messages = await PollAsync();
                failures = messages is null ? failures + 1 : 0;
                if (messages is { Count: > 0 })
                {
                    Pass(messages);
                    Join();
                }
                else if (LeaveUnlessLast())
                {
                    return;
                }
                else if (messages is not null)
                {
                    _received.Writer.TryWrite(new Received(EventBatch.Idle, EndsReceive: true));
                }
                else
                {
                    MakeRoom();
                    await Task.Delay(_backoff.After(failures), _time, _stopping);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped while waiting for room or for better times.
        }
        Leave();
    }

    /// <returns>The messages; none if the queue is empty; null if it could not be asked.</returns>
    private async Task<IReadOnlyList<Message>?> PollAsync()
    {
        // A receive that is cut off may already have been given messages, which then stay hidden until their lease runs out. So a stop lets
        // it end by itself, and cuts it off only if the network has swallowed the answer.
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        using var stop = _stopping.Register(() => patience.CancelAfter(_options.WaitTime + Slack));
        try
        {
            var messages = await _queue.ReceiveAsync(patience.Token);
            _trouble.Mended();
            return messages;
        }
#pragma warning disable CA1031 // Whatever a call to AWS throws, the source waits it out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_stopping.IsCancellationRequested)
                _trouble.Failed(AwsFault.Of(exception));
            return null;
        }
    }

    private void Pass(IReadOnlyList<Message> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var receives = Number(message, MessageSystemAttributeName.ApproximateReceiveCount) ?? 1;
            var receipt = _leases.Hold(message.ReceiptHandle, (int)Math.Clamp(receives, 1, int.MaxValue));
            var content = Encoding.UTF8.GetBytes(message.Body ?? "");
            var batch = new EventBatch($"sqs:{_queue.Name}/{message.MessageId}", content, receipt, SentAt(message));
            _received.Writer.TryWrite(new Received(batch, EndsReceive: i == messages.Count - 1));
        }
    }

    private void Join()
    {
        lock (_gate)
        {
            if (_receivers >= _options.Receivers || _stopping.IsCancellationRequested)
                return;
            _receivers++;
        }
        _ = ReceiveAsync();
    }

    private bool LeaveUnlessLast()
    {
        lock (_gate)
        {
            if (_receivers == 1)
                return false;
            _receivers--;
            MakeRoom();
            return true;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_receivers == 0)
                _received.Writer.TryComplete();
        }
    }

    private static DateTimeOffset? SentAt(Message message) =>
        Number(message, MessageSystemAttributeName.SentTimestamp) is { } milliseconds and >= 0 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    private static long? Number(Message message, MessageSystemAttributeName name) =>
        message.Attributes is { } attributes
        && attributes.TryGetValue(name, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}

using System.Runtime.CompilerServices;
using Amazon.SQS;
using Detector.Core;
using Detector.Core.Events;

namespace Detector.Adapters.Aws;

/// <summary>
/// Reads an SQS queue, one batch per message. A message is deleted only after its acknowledgement; one that is returned comes again, and after
/// the queue's own number of receives goes to its dead-letter queue. Outages, throttling, expired credentials and a missing queue are waited
/// out, with a notice when such a state begins, changes and ends.
/// </summary>
/// <remarks>
/// Dispose it after the last batch is settled: disposal tells the queue of late acknowledgements and gives back what was not settled.
/// </remarks>
public sealed class SqsSource : IEventSource, IAsyncDisposable
{
    internal const string SourceName = "sqs";

    private readonly SqsSourceOptions _options;
    private readonly TimeProvider _time;
    private readonly SqsQueue _queue;
    private readonly SqsLeases _leases;
    private readonly Trouble _trouble;
    private readonly Backoff _backoff;

    /// <param name="sqs">The client; stays the caller's to dispose.</param>
    /// <param name="queue">The queue's URL, or its name in the client's account and region.</param>
    /// <param name="options">Numbers without complaint from <see cref="SqsSourceOptions.Validate"/>.</param>
    /// <param name="time">The clock of leases and waits.</param>
    /// <param name="notices">Told of troubles with the queue.</param>
    /// <param name="random">Spreads the waits between tries.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public SqsSource(IAmazonSQS sqs, string queue, SqsSourceOptions options, TimeProvider time, IProgress<Notice> notices, Random random)
    {
        if (options.Validate().FirstOrDefault() is { Option: not null } wrong)
            throw new ArgumentException($"{wrong.Option} {wrong.Reason}", nameof(options));
        (_options, _time) = (options, time);
        _queue = new SqsQueue(sqs, queue, options);
        _leases = new SqsLeases(_queue, options, time, notices, random);
        _trouble = new Trouble(SourceName, $"receiving from queue {_queue.Name}", notices, time);
        _backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random);
    }

    /// <inheritdoc/>
    public string Name => SourceName;

    /// <inheritdoc/>
    public TimeSpan Lateness => _options.Lateness;

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var intake = new SqsIntake(_queue, _leases, _options, _trouble, _backoff, _time, ending.Token);
        try
        {
            await foreach (var received in intake.Batches.ReadAllAsync(CancellationToken.None))
            {
                if (received.EndsReceive)
                    intake.MakeRoom();
                yield return received.Batch;
            }
        }
        finally
        {
            // Empty unless the reader left early: what it did not take goes back.
            await ending.CancelAsync();
            await foreach (var unread in intake.Batches.ReadAllAsync(CancellationToken.None))
                await unread.Batch.Receipt.ReturnAsync(CancellationToken.None);
            await _leases.DrainAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _leases.DisposeAsync();
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Amazon.S3;
using Detector.Adapters.Files;
using Detector.Core;
using Detector.Core.Events;

namespace Detector.Adapters.Aws.S3;

/// <summary>
/// A queue on which S3 tells of new trail files, among other messages. Each object that a message names is fetched and becomes a batch; the message is acknowledged
/// when every one of them is settled. All other messages are passed on as they are.
/// </summary>
/// <remarks>
/// An object that is gone, denied, damaged or too large is told, what is readable of it is judged, and its message comes again until the queue sets it aside: that
/// a trail file is gone may be the very thing to know of. Outages and expired credentials are waited out.
/// </remarks>
/// <param name="messages">The queue.</param>
/// <param name="s3">The client, which stays the caller's to dispose; null if S3 is not expected to tell of anything, and a message in which it does is returned.</param>
/// <param name="lateness">How late events in objects may be.</param>
/// <param name="time">The clock of waits.</param>
/// <param name="notices">Told of troubles and losses.</param>
/// <param name="random">Spreads the waits between tries.</param>
/// <param name="limit">Bytes of one object's content, unpacked, that are read.</param>
#pragma warning disable CA1001 // Batches give room back after the source has ended, and a semaphore without a wait handle holds nothing.
public sealed class S3ObjectSource(
    IEventSource messages,
    IAmazonS3? s3,
    TimeSpan lateness,
    TimeProvider time,
    IProgress<Notice> notices,
    Random random,
    int limit = S3ObjectSource.Limit
) : IEventSource
#pragma warning restore CA1001
{
    /// <summary>Bytes of one object's content, unpacked. CloudTrail's own have some 50 MB at most.</summary>
    public const int Limit = 256 << 20;

    /// <summary>Messages in work, and objects in memory.</summary>
    private const int AtOnce = 8;

    private readonly Trouble _trouble = new(messages.Name, "fetching objects from S3", notices, time);
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random);
    private readonly SemaphoreSlim _messages = new(AtOnce);
    private readonly SemaphoreSlim _objects = new(AtOnce);
    private readonly SemaphoreSlim _large = new(1);

    /// <inheritdoc/>
    public string Name => messages.Name;

    /// <inheritdoc/>
    public TimeSpan Lateness { get; } = s3 is not null && lateness > messages.Lateness ? lateness : messages.Lateness;

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        // Holds one batch: a message is asked for only when the last one has been taken.
        var ready = Channel.CreateBounded<EventBatch>(1);
        var reading = Task.Run(() => ReadAllAsync(ready.Writer, ending.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in ready.Reader.ReadAllAsync(CancellationToken.None))
                yield return batch;
        }
        finally
        {
            // Empty unless the reader left early: what it did not take goes back.
            await ending.CancelAsync();
            await foreach (var unread in ready.Reader.ReadAllAsync(CancellationToken.None).Where(batch => !batch.IsIdle))
            {
                using (unread)
                    await unread.Receipt.ReturnAsync(CancellationToken.None);
            }
            await reading;
        }
    }

    private async Task ReadAllAsync(ChannelWriter<EventBatch> ready, CancellationToken stopping)
    {
        Exception? problem = null;
        var working = new HashSet<Task>();
        try
        {
            await foreach (var message in messages.ReadAsync(stopping))
            {
                working.RemoveWhere(task => task.IsCompleted);
                if (message.IsIdle)
                {
                    // The queue is empty, but time may pass only when its last message is done.
                    if (working.Count == 0)
                        await ready.WriteAsync(message, CancellationToken.None);
                }
                else if (S3Notification.Read(message.Content.Span) is { } told)
                {
                    await _messages.WaitAsync(CancellationToken.None);
                    working.Add(FollowAsync(message, told, ready, stopping));
                }
                else
                {
                    await ready.WriteAsync(message, CancellationToken.None);
                }
            }
        }
#pragma warning disable CA1031 // Whatever it is, the reader gets it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            problem = exception;
        }
        await Task.WhenAll(working);
        ready.Complete(problem);
    }

    /// <summary>Turns a message into the batches of its objects. Never throws.</summary>
    private async Task FollowAsync(EventBatch message, S3Notification told, ChannelWriter<EventBatch> ready, CancellationToken stopping)
    {
        try
        {
            using var done = message;
            var sentAt = told.At < message.SentAt ? told.At : message.SentAt;
            var wanted = told.Objects.Where(name => TrailPath.Of(name.Key).IsTrail).ToList();
            if (wanted.Count == 0)
            {
                await ready.WriteAsync(new EventBatch(message.Origin, ReadOnlyMemory<byte>.Empty, message.Receipt, sentAt), CancellationToken.None);
                return;
            }
            var receipt = new SharedReceipt(message.Receipt, wanted.Count);
            foreach (var name in wanted)
                await FollowAsync(name, receipt, sentAt, ready, stopping);
        }
        finally
        {
            _messages.Release();
        }
    }

    private async Task FollowAsync(S3Name name, SharedReceipt receipt, DateTimeOffset? sentAt, ChannelWriter<EventBatch> ready, CancellationToken stopping)
    {
        Held? held = null;
        try
        {
            if (s3 is null)
                throw new IOException("s3.notifications is off");
            await _objects.WaitAsync(stopping);
            held = new Held(new Unpacked(limit, _large), _objects);
            await FetchAsync(s3, name, held, stopping);
            if (held.Content.Problem is { } problem)
                Tell(name, problem);
            var part = receipt.Part(whole: held.Content.Problem is null);
            await ready.WriteAsync(new EventBatch(name.ToString(), held.Content.Content, part, sentAt, held), CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever it is, the message comes again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            held?.Dispose();
            if (!stopping.IsCancellationRequested)
                Tell(name, exception.Message);
            await receipt.FailAsync(CancellationToken.None);
        }
    }

    private async Task FetchAsync(IAmazonS3 from, S3Name name, Held held, CancellationToken stopping)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await using var reader = await S3Reader.OpenAsync(from, name, _backoff, time, stopping);
                await held.Content.ReadAsync(reader, stopping);
                _trouble.Mended();
                return;
            }
            catch (S3Failure failure) when (IsWaitedOut(failure.Fault))
            {
                _trouble.Failed(failure.Fault);
            }
            held.Renew(new Unpacked(limit, _large));
            await Task.Delay(_backoff.After(failures), time, stopping);
        }
    }

    /// <summary>What would befall every other object too.</summary>
    private static bool IsWaitedOut(AwsFault fault) =>
        !fault.NeedsSomebody || fault.Code is "client" or "ExpiredToken" or "TokenRefreshRequired" or "InvalidAccessKeyId" or "SignatureDoesNotMatch";

    private void Tell(S3Name name, string problem) =>
        notices.Report(new Notice(NoticeSeverity.Warning, messages.Name, $"{name} cannot be read whole, and its message comes again: {problem}"));

    /// <summary>An object's room in memory.</summary>
    private sealed class Held(Unpacked content, SemaphoreSlim room) : IDisposable
    {
        private int _disposed;

        public Unpacked Content { get; private set; } = content;

        public void Renew(Unpacked fresh)
        {
            Content.Dispose();
            Content = fresh;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
                return;
            Content.Dispose();
            room.Release();
        }
    }
}

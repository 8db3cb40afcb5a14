using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Amazon.SQS.Model;
using Detector.Adapters.Aws;
using Detector.Core;
using Detector.Core.Events;

namespace Detector.Integration.Tests.Aws;

public class SqsSourceEmulatorTests(Emulator emulator)
{
    private static readonly SqsSourceOptions Options = new() { WaitTime = TimeSpan.FromSeconds(1), MaxReturnDelay = TimeSpan.Zero };

    /// <summary>After which a source is stopped, so that a test that would hang fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Notices _notices = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_EveryMessageAcknowledged_QueueIsEmptyWhenTheEnumerationEnds()
    {
        await emulator.RequireAsync();
        var queue = await emulator.CreateQueueAsync();
        var bodies = Enumerable.Range(0, 60).Select(number => $"{{\"number\":{number},\"text\":\"Zürich\"}}").ToHashSet(StringComparer.Ordinal);
        await SendAsync(queue, bodies);
        await using var source = Source(queue);
        using var stop = new CancellationTokenSource(Patience);

        var seen = new List<string>();
        await foreach (var batch in Messages(source, stop.Token))
        {
            seen.Add(Encoding.UTF8.GetString(batch.Content.Span));
            Assert.StartsWith($"sqs:{queue[(queue.LastIndexOf('/') + 1)..]}/", batch.Origin, StringComparison.Ordinal);
            Assert.InRange(batch.SentAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
            await batch.Receipt.AckAsync(CancellationToken.None);
            if (seen.Count == bodies.Count)
                await stop.CancelAsync();
        }

        Assert.Equal(bodies, seen.ToHashSet(StringComparer.Ordinal));
        Assert.Equal(bodies.Count, seen.Count);
        Assert.Equal(0, await emulator.CountAsync(queue));
        Assert.Empty(_notices.Heard);
    }

    [Fact]
    public async Task ReadAsync_QueueGivenByName_IsFound()
    {
        await emulator.RequireAsync();
        var queue = await emulator.CreateQueueAsync();
        await SendAsync(queue, ["{}"]);
        await using var source = Source(queue[(queue.LastIndexOf('/') + 1)..]);

        var batch = await FirstAsync(source);

        Assert.Equal("{}"u8.ToArray(), batch.Content.ToArray());
    }

    [Fact]
    public async Task ReturnAsync_Message_ComesAgain()
    {
        await emulator.RequireAsync();
        var queue = await emulator.CreateQueueAsync();
        await SendAsync(queue, ["again"]);
        await using var source = Source(queue);
        using var stop = new CancellationTokenSource(Patience);

        var origins = new List<string>();
        await foreach (var batch in Messages(source, stop.Token))
        {
            origins.Add(batch.Origin);
            if (origins.Count < 3)
            {
                await batch.Receipt.ReturnAsync(CancellationToken.None);
                continue;
            }
            await batch.Receipt.AckAsync(CancellationToken.None);
            await stop.CancelAsync();
        }

        Assert.Equal(3, origins.Count);
        Assert.Single(origins.Distinct(StringComparer.Ordinal));
        Assert.Equal(0, await emulator.CountAsync(queue));
    }

    [Fact]
    public async Task ReturnAsync_PoisonAmongOthers_EndsInTheDeadLetterQueueAlone()
    {
        await emulator.RequireAsync();
        var dead = await emulator.CreateQueueAsync();
        var queue = await emulator.CreateQueueAsync(dead, maxReceiveCount: 3);
        await SendAsync(queue, ["a", "b", "poison", "c", "d"]);
        await using var source = Source(queue);
        using var stop = new CancellationTokenSource(Patience);

        var acknowledged = new List<string>();
        var returned = 0;
        var reading = Task.Run(
            async () =>
            {
                await foreach (var batch in Messages(source, stop.Token))
                {
                    var body = Encoding.UTF8.GetString(batch.Content.Span);
                    if (body.Equals("poison", StringComparison.Ordinal))
                    {
                        returned++;
                        await batch.Receipt.ReturnAsync(CancellationToken.None);
                        continue;
                    }
                    acknowledged.Add(body);
                    await batch.Receipt.AckAsync(CancellationToken.None);
                }
            },
            Cancellation
        );
        await Eventually.TrueAsync(async () => await emulator.CountAsync(dead) == 1, "the poison message is in the dead-letter queue");
        await stop.CancelAsync();
        await reading;

        Assert.Equal(["a", "b", "c", "d"], acknowledged.Order(StringComparer.Ordinal));
        Assert.Equal(3, returned);
        Assert.Equal(0, await emulator.CountAsync(queue));
    }

    [Fact]
    public async Task ReadAsync_BatchSlowerThanItsVisibility_StaysHiddenFromOthers()
    {
        await emulator.RequireAsync();
        var queue = await emulator.CreateQueueAsync();
        await SendAsync(queue, ["slow"]);
        await using var source = Source(queue, Options with { Visibility = TimeSpan.FromSeconds(5), RenewEvery = TimeSpan.FromSeconds(1) });
        using var stop = new CancellationTokenSource(Patience);
        await using var batches = Messages(source, stop.Token).GetAsyncEnumerator(CancellationToken.None);
        await batches.MoveNextAsync();

        // Asks for longer than the visibility: without renewal this receive would get the message.
        var other = await emulator.Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queue) { WaitTimeSeconds = 8 }, Cancellation);
        await batches.Current.Receipt.AckAsync(CancellationToken.None);
        await stop.CancelAsync();
        await batches.MoveNextAsync();

        Assert.Empty(other.Messages ?? []);
        Assert.Equal(0, await emulator.CountAsync(queue));
    }

    [Fact]
    public async Task ReadAsync_EmptyQueue_SaysSoAfterTheLastMessage()
    {
        await emulator.RequireAsync();
        var queue = await emulator.CreateQueueAsync();
        await SendAsync(queue, Enumerable.Range(0, 30).Select(number => $"{number}"));
        await using var source = Source(queue);
        using var stop = new CancellationTokenSource(Patience);

        var beforeIdle = 0;
        await foreach (var batch in source.ReadAsync(stop.Token))
        {
            if (batch.IsIdle)
                break;
            beforeIdle++;
            await batch.Receipt.AckAsync(CancellationToken.None);
        }

        Assert.Equal(30, beforeIdle);
    }

    [Fact]
    public async Task ReadAsync_MessageSentWhileStopping_IsNeverSwallowed()
    {
        await emulator.RequireAsync();
        for (var round = 0; round < 5; round++)
        {
            var queue = await emulator.CreateQueueAsync();
            await using var source = Source(queue);
            using var stop = new CancellationTokenSource(Patience);
            await using var batches = source.ReadAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
            Assert.True(await batches.MoveNextAsync());
            Assert.True(batches.Current.IsIdle);

            // The next receive is under way, or about to be; the message arrives while it is told to stop.
            var next = batches.MoveNextAsync();
            await stop.CancelAsync();
            await SendAsync(queue, ["late"]);
            var received = 0;
            while (await next)
            {
                received += batches.Current.IsIdle ? 0 : 1;
                next = batches.MoveNextAsync();
            }
            var left = await emulator.Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queue) { WaitTimeSeconds = 0 }, Cancellation);

            Assert.Equal(1, received + (left.Messages?.Count ?? 0));
        }
    }

    [Fact]
    public async Task ReadAsync_ReaderLeavesEarly_GivesBackWhatItDidNotTake()
    {
        await emulator.RequireAsync();
        var queue = await emulator.CreateQueueAsync();
        await SendAsync(queue, Enumerable.Range(0, 10).Select(number => $"{number}"));
        await using var source = Source(queue);

        var taken = await FirstAsync(source);
        await taken.Receipt.AckAsync(CancellationToken.None);
        await source.DisposeAsync();

        var left = await emulator.Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queue) { MaxNumberOfMessages = 10, WaitTimeSeconds = 5 }, Cancellation);
        Assert.Equal(9, left.Messages.Count);
    }

    [Fact]
    public async Task ReadAsync_QueueUnreachableForAWhile_RecoversAndSaysSoOnceEach()
    {
        await emulator.RequireAsync();
        var queue = await emulator.CreateQueueAsync();
        await using var gate = new TcpGate(emulator.Address);
        using var sqs = AwsClients.Sqs(emulator.Place with { ServiceUrl = gate.Address.OriginalString }, Emulator.Credentials);
        // A receive that the outage cuts off may take a message with it, which comes again when its visibility has run out.
        var options = Options with
        {
            Visibility = TimeSpan.FromSeconds(5),
            RenewEvery = TimeSpan.FromSeconds(3),
        };
        await using var source = new SqsSource(sqs, queue, options, TimeProvider.System, _notices, new Random(1));
        using var stop = new CancellationTokenSource(Patience);
        var seen = 0;
        var reading = Task.Run(
            async () =>
            {
                await foreach (var batch in Messages(source, stop.Token))
                {
                    await batch.Receipt.AckAsync(CancellationToken.None);
                    Interlocked.Increment(ref seen);
                }
            },
            Cancellation
        );

        await Eventually.TrueAsync(() => _notices.Heard.Count == 1, "the outage is told");
        gate.Open();
        await SendAsync(queue, ["first"]);
        await Eventually.TrueAsync(() => Volatile.Read(ref seen) == 1, "the first message arrives");
        await gate.CloseAsync();
        await Eventually.TrueAsync(
            () => _notices.Heard.Count(notice => notice.Message.StartsWith("receiving", StringComparison.Ordinal)) == 3,
            "the second outage is told"
        );
        gate.Open();
        await SendAsync(queue, ["second"]);
        await Eventually.TrueAsync(() => Volatile.Read(ref seen) >= 2, "the second message arrives");
        await stop.CancelAsync();
        await reading;

        Assert.Equal(
            [NoticeSeverity.Warning, NoticeSeverity.Information, NoticeSeverity.Warning, NoticeSeverity.Information],
            _notices.Heard.Where(notice => notice.Message.StartsWith("receiving", StringComparison.Ordinal)).Select(notice => notice.Severity)
        );
    }

    [Fact]
    public async Task ReadAsync_NoSuchQueue_WaitsForItAndSaysWhoMustAct()
    {
        await emulator.RequireAsync();
        var name = emulator.NewName("later");
        await using var source = Source(name);
        var first = FirstAsync(source);

        await Eventually.TrueAsync(() => _notices.Heard.Count == 1, "the missing queue is told");
        var queue = (await emulator.Sqs.CreateQueueAsync(name, Cancellation)).QueueUrl;
        await SendAsync(queue, ["at last"]);
        var batch = await first;

        Assert.Equal("at last"u8.ToArray(), batch.Content.ToArray());
        Assert.Equal(NoticeSeverity.Error, _notices.Heard[0].Severity);
        Assert.Contains("NonExistentQueue", _notices.Heard[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_IdleAndStopped_EndsWithinOneWaitTime()
    {
        await emulator.RequireAsync();
        await using var source = Source(await emulator.CreateQueueAsync());
        using var stop = new CancellationTokenSource(Patience);
        await using var batches = source.ReadAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        await batches.MoveNextAsync();

        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        while (await batches.MoveNextAsync()) { }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Options.WaitTime + TimeSpan.FromSeconds(4));
    }

    private SqsSource Source(string queue, SqsSourceOptions? options = null) =>
        new(emulator.Sqs, queue, options ?? Options, TimeProvider.System, _notices, new Random(1));

    private static async IAsyncEnumerable<EventBatch> Messages(SqsSource source, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var batch in source.ReadAsync(stop))
        {
            if (!batch.IsIdle)
                yield return batch;
        }
    }

    private static async Task<EventBatch> FirstAsync(SqsSource source) => await Messages(source, new CancellationTokenSource(Patience).Token).FirstAsync();

    private async Task SendAsync(string queue, IEnumerable<string> bodies)
    {
        foreach (var chunk in bodies.Chunk(10))
            await emulator.Sqs.SendMessageBatchAsync(queue, [.. chunk.Select((body, index) => new SendMessageBatchRequestEntry($"{index}", body))]);
    }
}

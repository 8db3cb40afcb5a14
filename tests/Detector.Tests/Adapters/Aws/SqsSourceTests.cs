using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Amazon.Runtime;
using Amazon.SQS.Model;
using Detector.Adapters.Aws;
using Detector.Core;
using Detector.Core.Events;

namespace Detector.Tests.Adapters.Aws;

public sealed class SqsSourceTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeSqs _sqs = new();
    private readonly WallClock _clock = new(new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero));
    private readonly Notices _notices = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _sqs.Dispose();
    }

    [Fact]
    public async Task ReadAsync_Message_BecomesOneBatchThatSaysWhereItIsFrom()
    {
        await using var source = Source();
        _sqs.WillReceive(FakeSqs.Message("m-1"));

        var batch = await Read(source).ReadAsync(_stop.Token);

        Assert.Equal("sqs:trail/m-1", batch.Origin);
        Assert.Equal("m-1"u8.ToArray(), batch.Content.ToArray());
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1772600767000), batch.SentAt);
        Assert.Equal((10, 5, 60), (_sqs.LastReceive!.MaxNumberOfMessages, _sqs.LastReceive.WaitTimeSeconds, _sqs.LastReceive.VisibilityTimeout));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "RequestThrottled", NoticeSeverity.Warning)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", NoticeSeverity.Warning)]
    [InlineData(HttpStatusCode.Forbidden, "ExpiredToken", NoticeSeverity.Error)]
    [InlineData(HttpStatusCode.BadRequest, "AWS.SimpleQueueService.NonExistentQueue", NoticeSeverity.Error)]
    public async Task ReadAsync_ManyFailuresOfOneCause_OneNoticeAndOneWhenItIsOver(HttpStatusCode status, string code, NoticeSeverity severity)
    {
        await using var source = Source();
        for (var i = 0; i < 5; i++)
            _sqs.WillFail(new AmazonServiceException("slow down", null, ErrorType.Unknown, code, "r", status));
        _sqs.WillReceive(FakeSqs.Message("m-1"));
        var batches = Read(source);

        var taken = await _clock.UntilAsync(() => batches.TryPeek(out _), TimeSpan.FromSeconds(1), most: Minute);

        Assert.Equal([severity, NoticeSeverity.Information], _notices.Heard.Select(notice => notice.Severity));
        // Five waits of 1, 2, 4, 8 and 16 seconds, each shortened by up to half.
        Assert.True(taken >= TimeSpan.FromSeconds(15.5));
    }

    [Fact]
    public async Task ReadAsync_CauseChanges_IsToldAgain()
    {
        await using var source = Source();
        _sqs.WillFail(new HttpRequestException("Connection refused"));
        _sqs.WillFail(new HttpRequestException("Connection refused"));
        _sqs.WillFail(new AmazonServiceException("no", null, ErrorType.Sender, "AccessDenied", "r", HttpStatusCode.Forbidden));
        var batches = Read(source);

        await _clock.UntilAsync(() => _sqs.Asked == 4, Step, most: Minute);

        Assert.Equal([NoticeSeverity.Warning, NoticeSeverity.Error], _notices.Heard.Select(notice => notice.Severity));
        Assert.False(batches.TryPeek(out _));
    }

    [Fact]
    public async Task ReadAsync_EmptyReceive_IsIdleOnlyFromTheLastReceiver()
    {
        await using var source = Source(new SqsSourceOptions { Receivers = 2 });
        _sqs.WillReceive(FakeSqs.Message("m-1"));
        var batches = Read(source);
        await _clock.UntilAsync(() => _sqs.Asked == 3, Step, most: Minute);

        _sqs.WillReceive();
        _sqs.WillReceive();
        await _clock.UntilAsync(() => batches.Count == 2, Step, most: Minute);

        Assert.False((await batches.ReadAsync(_stop.Token)).IsIdle);
        Assert.True((await batches.ReadAsync(_stop.Token)).IsIdle);
        Assert.Equal(4, _sqs.Asked);
    }

    [Fact]
    public async Task ReadAsync_ReaderIsSlow_AsksForNoMoreThanItHasRoomFor()
    {
        await using var source = Source(new SqsSourceOptions { Prefetch = 20, Receivers = 8 });
        for (var i = 0; i < 10; i++)
            _sqs.WillReceive([.. Enumerable.Range(0, 10).Select(number => FakeSqs.Message($"m-{i}-{number}"))]);
        var batches = source.ReadAsync(_stop.Token).GetAsyncEnumerator(CancellationToken.None);
        try
        {
            for (var taken = 0; taken < 10; taken++)
                await batches.MoveNextAsync();
            await _clock.UntilAsync(() => _sqs.Asked == 3, Step, most: Minute);
            await Assert.ThrowsAnyAsync<Exception>(() => _clock.UntilAsync(() => _sqs.Asked > 3, Step, most: TimeSpan.FromSeconds(2)));

            Assert.Equal(3, _sqs.Asked);
        }
        finally
        {
            await _stop.CancelAsync();
            // What was not taken goes back, and may wait for its batch to fill: nothing but the clock ends that.
            var leaving = batches.DisposeAsync().AsTask();
            await _clock.UntilAsync(() => leaving.IsCompleted, Step, most: Minute);
        }
    }

    [Fact]
    public async Task AckAsync_ManyMessages_AreDeletedInBatches()
    {
        await using var source = Source();
        var receipts = await ReceiptsAsync(source, 10);

        foreach (var receipt in receipts)
            await receipt.AckAsync(_stop.Token);
        await _clock.UntilAsync(() => Deleted().Length == 10, Step, most: Minute);

        Assert.Single(_sqs.Deleted);
    }

    [Fact]
    public async Task AckAsync_DeleteFailsInPart_OnlyThatPartIsTriedAgain()
    {
        await using var source = Source();
        _sqs.WillDelete(() => [Failed("1", senderFault: false), Failed("2", senderFault: true)]);
        var receipts = await ReceiptsAsync(source, 4);

        foreach (var receipt in receipts)
            await receipt.AckAsync(_stop.Token);
        await _clock.UntilAsync(() => _sqs.Deleted.Count == 2, Step, most: Minute);

        Assert.Equal(["handle-m-1"], _sqs.Deleted.Last());
        Assert.Contains("refused for 1 messages", _notices.Heard.First().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AckAsync_DeletesFailForLong_AreGivenUpAfterAFewTriesWithOneNotice()
    {
        var source = Source();
        for (var i = 0; i < 10; i++)
            _sqs.WillDelete(() => throw new HttpRequestException("Connection refused"));
        var receipts = await ReceiptsAsync(source, 1);

        await receipts[0].AckAsync(_stop.Token);
        var disposing = source.DisposeAsync().AsTask();
        await _clock.UntilAsync(() => disposing.IsCompleted, Step, most: Minute);

        Assert.Equal(4, _sqs.Deleted.Count);
        Assert.Single(_notices.Heard);
    }

    [Fact]
    public async Task ReadAsync_Stopped_AcknowledgementsAreDeletedBeforeTheEnumerationEnds()
    {
        await using var source = Source();
        _sqs.WillReceive(FakeSqs.Message("m-1"));
        await using var batches = source.ReadAsync(_stop.Token).GetAsyncEnumerator(CancellationToken.None);
        await batches.MoveNextAsync();
        await batches.Current.Receipt.AckAsync(CancellationToken.None);

        await _stop.CancelAsync();
        _sqs.WillReceive(FakeSqs.Message("m-2"));
        _sqs.WillReceive();
        Assert.True(await batches.MoveNextAsync());
        Assert.Equal("sqs:trail/m-2", batches.Current.Origin);
        await batches.Current.Receipt.AckAsync(CancellationToken.None);
        var ending = EndAsync(batches);
        await _clock.UntilAsync(() => ending.IsCompleted, Step, most: Minute);

        Assert.Equal(["handle-m-1", "handle-m-2"], Deleted().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ReadAsync_StoppedWhileTheNetworkSwallowsTheAnswer_EndsAfterTheWaitTimeAndALittle()
    {
        await using var source = Source();
        await using var batches = source.ReadAsync(_stop.Token).GetAsyncEnumerator(CancellationToken.None);
        var ending = EndAsync(batches);
        await _clock.UntilAsync(() => _sqs.Asked == 1, Step, most: Minute);

        await _stop.CancelAsync();
        var taken = await _clock.UntilAsync(() => ending.IsCompleted, Step, most: Minute);

        Assert.True(taken >= TimeSpan.FromSeconds(9.5));
        Assert.Empty(_notices.Heard);
    }

    [Fact]
    public async Task Lease_NotSettled_IsRenewedUntilTheMostThatItMayBeHeld()
    {
        await using var source = Source(new SqsSourceOptions { MaxHold = TimeSpan.FromMinutes(3) });
        var receipts = await ReceiptsAsync(source, 2);

        await _clock.UntilAsync(() => _notices.Heard.Count == 2, TimeSpan.FromSeconds(5), most: TimeSpan.FromMinutes(10));

        // At best after 30, 60, 90, 120 and 150 seconds; each time for a minute.
        Assert.All(receipts, receipt => Assert.InRange(RenewalsOf(receipt).Times, 3, 5));
        Assert.All(receipts, receipt => Assert.Equal(60, RenewalsOf(receipt).Seconds));
        Assert.All(_notices.Heard, notice => Assert.Equal(NoticeSeverity.Warning, notice.Severity));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public async Task Lease_WallClockIsSet_IsRenewedAsBefore(int hours)
    {
        await using var source = Source();
        var receipts = await ReceiptsAsync(source, 1);
        await _clock.UntilAsync(() => !_sqs.Changed.IsEmpty, TimeSpan.FromSeconds(5), most: Minute);

        _clock.Off = TimeSpan.FromHours(hours);
        await _clock.UntilAsync(() => _sqs.Changed.Count == 3, TimeSpan.FromSeconds(5), most: 2 * Minute);

        Assert.Equal((3, 60), RenewalsOf(receipts[0]));
        Assert.Empty(_notices.Heard);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lease_Settled_IsRenewedNoMore(bool acknowledged)
    {
        await using var source = Source();
        var receipts = await ReceiptsAsync(source, 1);
        await _clock.UntilAsync(() => _sqs.Changed.Count == 1, TimeSpan.FromSeconds(5), most: Minute);

        await (acknowledged ? receipts[0].AckAsync(_stop.Token) : receipts[0].ReturnAsync(_stop.Token));
        await _clock.UntilAsync(() => Deleted().Length + _sqs.Changed.Count == 2, TimeSpan.FromSeconds(1), most: Minute);
        _sqs.Changed.Clear();
        for (var i = 0; i < 60; i++)
            _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Empty(_sqs.Changed);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 8)]
    [InlineData(5, 32)]
    [InlineData(6, 60)]
    [InlineData(1000, 60)]
    public async Task ReturnAsync_ReceivedBefore_WaitsTwiceAsLongEachTimeUpToAMinute(int receives, int seconds)
    {
        await using var source = Source();
        _sqs.WillReceive(FakeSqs.Message("m", receives));
        var batch = await Read(source).ReadAsync(_stop.Token);

        await batch.Receipt.ReturnAsync(_stop.Token);
        await batch.Receipt.ReturnAsync(_stop.Token);
        await _clock.UntilAsync(() => !_sqs.Changed.IsEmpty, Step, most: Minute);

        Assert.Equal([("handle-m", seconds)], _sqs.Changed);
    }

    private SqsSource Source(SqsSourceOptions? options = null) =>
        new(_sqs, "https://sqs.us-east-1.amazonaws.com/111122223333/trail", options ?? new SqsSourceOptions(), _clock, _notices, new Random(1));

    /// <summary>Reads in the background, as fast as the source yields.</summary>
    private ChannelReader<EventBatch> Read(SqsSource source)
    {
        var batches = Channel.CreateUnbounded<EventBatch>();
        _ = Task.Run(
            async () =>
            {
                await foreach (var batch in source.ReadAsync(_stop.Token))
                    batches.Writer.TryWrite(batch);
            },
            CancellationToken.None
        );
        return batches.Reader;
    }

    private async Task<List<Receipt>> ReceiptsAsync(SqsSource source, int count)
    {
        _sqs.WillReceive([.. Enumerable.Range(0, count).Select(number => FakeSqs.Message($"m-{number}"))]);
        var batches = Read(source);
        var receipts = new List<Receipt>();
        while (receipts.Count < count)
            receipts.Add((await batches.ReadAsync(_stop.Token)).Receipt);
        return receipts;
    }

    private static async Task EndAsync(IAsyncEnumerator<EventBatch> batches)
    {
        while (await batches.MoveNextAsync()) { }
    }

    private string[] Deleted() => [.. _sqs.Deleted.SelectMany(batch => batch)];

    private (int Times, int Seconds) RenewalsOf(Receipt receipt)
    {
        var handle = ((SqsReceipt)receipt).Handle;
        var renewals = _sqs.Changed.Where(change => string.Equals(change.Handle, handle, StringComparison.Ordinal)).ToList();
        return (renewals.Count, renewals.Max(change => change.Seconds));
    }

    private static BatchResultErrorEntry Failed(string id, bool senderFault) =>
        new()
        {
            Id = id,
            Code = "InternalError",
            Message = "try again",
            SenderFault = senderFault,
        };

    private sealed class Notices : IProgress<Notice>
    {
        private readonly ConcurrentQueue<Notice> _heard = new();

        public ConcurrentQueue<Notice> Heard => _heard;

        public void Report(Notice value) => _heard.Enqueue(value);
    }
}

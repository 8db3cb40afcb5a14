using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Detector.Adapters.Aws.S3;
using Detector.Core;
using Detector.Core.Events;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Aws.S3;

public sealed class S3ObjectSourceTests : IDisposable
{
    private readonly FakeS3 _s3 = new();
    private readonly FakeSource _messages = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero));
    private readonly Notices _notices = new();
    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Dispose();
        _s3.Dispose();
    }

    [Fact]
    public async Task ReadAsync_MessageThatNamesObjects_IsAcknowledgedWhenTheLastOfThemIs()
    {
        _s3.Holds("one", Gzip("first"));
        _s3.Holds("two", "second"u8.ToArray());
        var message = _messages.Send(Naming("one", "two"));
        var batches = Read(Source());

        var one = await batches.ReadAsync(Cancellation);
        await one.Receipt.AckAsync(Cancellation);
        await one.Receipt.AckAsync(Cancellation);
        Assert.Null(message.Settled);
        var two = await batches.ReadAsync(Cancellation);
        await two.Receipt.AckAsync(Cancellation);

        Assert.Equal(("s3://trail/one", "first"), (one.Origin, Text(one)));
        Assert.Equal(("s3://trail/two", "second"), (two.Origin, Text(two)));
        Assert.Equal(new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero), one.SentAt);
        Assert.True(message.Settled);
    }

    [Fact]
    public async Task ReadAsync_OneObjectReturned_ReturnsTheMessageWhenAllAreSettled()
    {
        _s3.Holds("one", "1"u8.ToArray());
        _s3.Holds("two", "2"u8.ToArray());
        var message = _messages.Send(Naming("one", "two"));
        var batches = Read(Source());

        await (await batches.ReadAsync(Cancellation)).Receipt.ReturnAsync(Cancellation);
        Assert.Null(message.Settled);
        await (await batches.ReadAsync(Cancellation)).Receipt.AckAsync(Cancellation);

        Assert.False(message.Settled);
    }

    [Fact]
    public async Task ReadAsync_ObjectGone_IsToldAndTheOthersAreJudged()
    {
        _s3.Holds("there", "1"u8.ToArray());
        var message = _messages.Send(Naming("gone", "there"));
        var batches = Read(Source());

        var batch = await batches.ReadAsync(Cancellation);
        await batch.Receipt.AckAsync(Cancellation);

        Assert.Equal("s3://trail/there", batch.Origin);
        Assert.False(message.Settled);
        Assert.Contains("s3://trail/gone", Assert.Single(_notices.Heard).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_DamagedObject_GivesWhatIsReadableAndReturnsTheMessage()
    {
        var text = string.Join('\n', Enumerable.Range(0, 20_000));
        _s3.Holds("cut", Gzip(text)[..^100]);
        var message = _messages.Send(Naming("cut"));
        var batches = Read(Source());

        var batch = await batches.ReadAsync(Cancellation);
        await batch.Receipt.AckAsync(Cancellation);

        Assert.StartsWith("0\n1\n2\n", Text(batch), StringComparison.Ordinal);
        Assert.False(message.Settled);
        Assert.Contains("the gzip stream", Assert.Single(_notices.Heard).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_ObjectBeyondTheLimit_GivesItsBeginningAndReturnsTheMessage()
    {
        _s3.Holds("bomb", Gzip(new string('x', 10_000_000)));
        var message = _messages.Send(Naming("bomb"));
        var batches = Read(Source(limit: 100_000));

        var batch = await batches.ReadAsync(Cancellation);
        await batch.Receipt.AckAsync(Cancellation);

        Assert.Equal(100_000, batch.Content.Length);
        Assert.False(message.Settled);
        Assert.Contains("more than 100000 bytes", Assert.Single(_notices.Heard).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Service":"Amazon S3","Event":"s3:TestEvent"}""")]
    [InlineData("digest")]
    public async Task ReadAsync_MessageThatNamesNoTrailFile_IsLeftToBeAcknowledged(string content)
    {
        var message = _messages.Send(content is "digest" ? Naming("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/03/d.json.gz") : content);
        var batches = Read(Source());

        var batch = await batches.ReadAsync(Cancellation);
        await batch.Receipt.AckAsync(Cancellation);

        Assert.True(batch.Content.IsEmpty);
        Assert.True(message.Settled);
        Assert.Empty(_s3.Asked);
    }

    [Fact]
    public async Task ReadAsync_OtherMessage_IsPassedOn()
    {
        _messages.Send("""{"eventName":"x"}""");

        Assert.Equal("""{"eventName":"x"}""", Text(await Read(Source()).ReadAsync(Cancellation)));
    }

    [Fact]
    public async Task ReadAsync_Idle_IsSaidOnlyWhenNoObjectIsOnItsWay()
    {
        _s3.Holds("slow", "1"u8.ToArray());
        var release = _s3.Hold();
        _messages.Send(Naming("slow"));
        _messages.SendIdle();
        var batches = Read(Source());
        await Eventually(() => !_s3.Asked.IsEmpty && _messages.Waiting == 0);

        release.SetResult();
        var first = await batches.ReadAsync(Cancellation);
        _messages.SendIdle();
        var second = await batches.ReadAsync(Cancellation);

        Assert.False(first.IsIdle);
        Assert.True(second.IsIdle);
    }

    [Fact]
    public async Task ReadAsync_Outage_IsWaitedOutAndToldOnce()
    {
        _s3.Holds("a", "1"u8.ToArray());
        _s3.WillFail(3, "SlowDown", HttpStatusCode.ServiceUnavailable);
        _messages.Send(Naming("a"));
        var batches = Read(Source());

        await _clock.UntilAsync(() => batches.TryPeek(out _), TimeSpan.FromSeconds(1), most: TimeSpan.FromMinutes(2));

        Assert.Equal([NoticeSeverity.Warning, NoticeSeverity.Information], _notices.Heard.Select(notice => notice.Severity));
    }

    [Fact]
    public async Task ReadAsync_StopDuringAnOutage_ReturnsTheMessageAndEnds()
    {
        _s3.WillFail(1000, "SlowDown", HttpStatusCode.ServiceUnavailable);
        var message = _messages.Send(Naming("a"));
        var batches = Read(Source());
        await Eventually(() => !_s3.Asked.IsEmpty);

        await _stop.CancelAsync();
        _messages.End();
        await batches.Completion;

        Assert.False(message.Settled);
    }

    [Fact]
    public async Task ReadAsync_NotExpected_ReturnsTheMessageAndSaysWhy()
    {
        var message = _messages.Send(Naming("a"));
        Read(new S3ObjectSource(_messages, null, TimeSpan.Zero, _clock, _notices, new Random(1)));

        await Eventually(() => message.Settled is not null);

        Assert.False(message.Settled);
        Assert.Contains("s3.notifications is off", Assert.Single(_notices.Heard).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_ManyObjects_NeverMoreInMemoryThanThereIsRoomFor()
    {
        for (var i = 0; i < 50; i++)
        {
            _s3.Holds($"{i}", "1"u8.ToArray());
            _messages.Send(Naming($"{i}"));
        }
        var batches = Read(Source(), into: 100);
        await Eventually(() => batches.Count == 8);
        await Task.Delay(20, Cancellation);
        Assert.Equal(8, batches.Count);

        for (var i = 0; i < 50; i++)
            (await batches.ReadAsync(Cancellation)).Dispose();

        Assert.Equal(50, _s3.Asked.Count);
    }

    private S3ObjectSource Source(int limit = S3ObjectSource.Limit) => new(_messages, _s3, TimeSpan.FromMinutes(20), _clock, _notices, new Random(1), limit);

    private ChannelReader<EventBatch> Read(S3ObjectSource source, int into = 1)
    {
        var channel = Channel.CreateBounded<EventBatch>(into);
        _ = Task.Run(async () =>
        {
            await foreach (var batch in source.ReadAsync(_stop.Token))
                await channel.Writer.WriteAsync(batch);
            channel.Writer.Complete();
        });
        return channel.Reader;
    }

    private static string Naming(params string[] keys) => $$"""{"Records":[{{string.Join(',', keys.Select(Entry))}}]}""";

    private static string Entry(string key) =>
        """{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"2026-03-03T00:00:00Z","s3":{"bucket":{"name":"trail"},"object":{"key":"KEY"}}}""".Replace(
            "KEY",
            key,
            StringComparison.Ordinal
        );

    private static string Text(EventBatch batch) => Encoding.UTF8.GetString(batch.Content.Span);

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static async Task Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 5_000 && !condition(); i++)
            await Task.Delay(1, Cancellation);
        Assert.True(condition());
    }

    private sealed class Notices : IProgress<Notice>
    {
        private readonly ConcurrentQueue<Notice> _heard = new();

        public IReadOnlyList<Notice> Heard => [.. _heard];

        public void Report(Notice value) => _heard.Enqueue(value);
    }

    private sealed class FakeSource : IEventSource
    {
        private readonly Channel<EventBatch> _batches = Channel.CreateUnbounded<EventBatch>();

        public string Name => "sqs";

        public TimeSpan Lateness => TimeSpan.FromMinutes(2);

        public int Waiting => _batches.Reader.Count;

        public FakeReceipt Send(string content)
        {
            var receipt = new FakeReceipt();
            _batches.Writer.TryWrite(
                new EventBatch("sqs:q/1", Encoding.UTF8.GetBytes(content), receipt, new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero))
            );
            return receipt;
        }

        public void SendIdle() => _batches.Writer.TryWrite(EventBatch.Idle);

        public void End() => _batches.Writer.TryComplete();

        public async IAsyncEnumerable<EventBatch> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
        {
            await foreach (var batch in _batches.Reader.ReadAllAsync(CancellationToken.None))
                yield return batch;
        }
    }

    /// <summary>True once acknowledged, false once returned.</summary>
    private sealed class FakeReceipt : Receipt
    {
        public bool? Settled { get; private set; }

        public override ValueTask AckAsync(CancellationToken cancellation) => Settle(true);

        public override ValueTask ReturnAsync(CancellationToken cancellation) => Settle(false);

        private ValueTask Settle(bool done)
        {
            Assert.Null(Settled);
            Settled = done;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FakeS3() : AmazonS3Client(new AnonymousAWSCredentials(), RegionEndpoint.USEast1)
    {
        private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
        private TaskCompletionSource _held = new();
        private AmazonS3Exception? _error;
        private int _failures;

        public ConcurrentQueue<string> Asked { get; } = new();

        public void Holds(string key, byte[] content)
        {
            _objects[key] = content;
            _held.TrySetResult();
        }

        public TaskCompletionSource Hold() => _held = new TaskCompletionSource();

        public void WillFail(int times, string code, HttpStatusCode status)
        {
            (_failures, _error) = (times, new AmazonS3Exception("no", ErrorType.Receiver, code, "r", status));
            _held.TrySetResult();
        }

        public override async Task<GetObjectResponse> GetObjectAsync(GetObjectRequest request, CancellationToken cancellationToken = default)
        {
            Asked.Enqueue(request.Key);
            await _held.Task.WaitAsync(cancellationToken);
            if (Interlocked.Decrement(ref _failures) >= 0)
                throw _error!;
            if (!_objects.TryGetValue(request.Key, out var content))
                throw new AmazonS3Exception("The specified key does not exist.", ErrorType.Sender, "NoSuchKey", "r", HttpStatusCode.NotFound);
            return new GetObjectResponse
            {
                ContentLength = content.Length,
                ETag = "\"1\"",
                ResponseStream = new MemoryStream(content),
            };
        }
    }
}

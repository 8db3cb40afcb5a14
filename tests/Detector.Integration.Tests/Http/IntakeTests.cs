using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Detector.Adapters.Http;
using Detector.Core;
using Microsoft.Data.Sqlite;

namespace Detector.Integration.Tests.Http;

public sealed class IntakeTests : IAsyncLifetime, IProgress<Notice>
{
    private const string Envelope = """{"detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"CreateUser"}}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("detector-intake-");
    private readonly HttpClient _http = new();
    private readonly List<Notice> _notices = [];
    private Spool _spool = null!;
    private Intake _intake = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder.FullName, "spool.db");

    void IProgress<Notice>.Report(Notice value)
    {
        lock (_notices)
            _notices.Add(value);
    }

    public async ValueTask InitializeAsync() => await Start(new IntakeOptions());

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task Start(IntakeOptions options, long maxSpool = 1_000_000)
    {
        _spool = Spool.Open(File, TimeProvider.System, this, maxSpool);
        _intake = new Intake(_spool, options, this);
        await _intake.StartAsync(Cancel);
    }

    private async Task Stop()
    {
        await _intake.DisposeAsync();
        await _spool.DisposeAsync();
    }

    private async Task Restart(IntakeOptions options, long maxSpool = 1_000_000)
    {
        await Stop();
        await Start(options, maxSpool);
    }

    private async Task<(int Status, string Body, HttpResponseHeaders Headers)> Send(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request, Cancel);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancel), response.Headers);
    }

    private Task<(int Status, string Body, HttpResponseHeaders Headers)> Post(byte[] body, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_intake.Address!, "/events")) { Content = new ByteArrayContent(body) };
        change?.Invoke(request);
        return Send(request);
    }

    private Task<(int Status, string Body, HttpResponseHeaders Headers)> Post(string body, Action<HttpRequestMessage>? change = null) =>
        Post(Encoding.UTF8.GetBytes(body), change);

    private string? Next() => _spool.Take() is { } item ? Encoding.UTF8.GetString(item.Body) : null;

    private static byte[] Zip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    [Theory]
    [InlineData(Envelope)]
    [InlineData("[" + Envelope + "]")]
    [InlineData("{\"Records\":[{\"eventName\":\"CreateUser\"}]}")]
    [InlineData(Envelope + "\n" + Envelope + "\n")]
    public async Task Post_AnyShape_IsAcceptedAndSpooledAsItIs(string body)
    {
        var answer = await Post(body);

        Assert.Equal((202, "{\"id\":1}"), (answer.Status, answer.Body));
        Assert.Equal(body, Next());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/x-ndjson; charset=utf-8")]
    public async Task Post_AnyContentType_IsAccepted(string type)
    {
        var answer = await Post(Envelope, request => request.Content!.Headers.TryAddWithoutValidation("Content-Type", type));

        Assert.Equal(202, answer.Status);
    }

    [Fact]
    public async Task Post_WithByteOrderMark_IsSpooledWithoutIt()
    {
        var answer = await Post([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(Envelope)]);

        Assert.Equal((202, Envelope), (answer.Status, Next()));
    }

    [Fact]
    public async Task Post_DiskHeldByAnother_IsAnsweredOnlyWhenWritten()
    {
        await using var other = new SqliteConnection($"Data Source={File};Pooling=False");
        await other.OpenAsync(Cancel);
        var transaction = other.BeginTransaction();
        var posting = Post(Envelope);
        while (_spool.Bytes == 0 && !posting.IsCompleted)
            await Task.Yield();

        // The body has reached the spool, and nothing can be written: there must be no answer.
        Assert.False(posting.IsCompleted);
        await transaction.DisposeAsync();

        Assert.Equal(202, (await posting).Status);
        Assert.Equal(Envelope, Next());
    }

    [Fact]
    public async Task Post_DiskFails_IsAnsweredLaterPleaseAndTold()
    {
        await _spool.DisposeAsync();
        using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "DROP TABLE items; CREATE TABLE items (id INTEGER PRIMARY KEY, received_at, returns, body BLOB CHECK (false))";
            command.ExecuteNonQuery();
        }
        await Restart(new IntakeOptions());

        var answer = await Post(Envelope);

        Assert.Equal(503, answer.Status);
        Assert.Equal(TimeSpan.FromSeconds(30), answer.Headers.RetryAfter?.Delta);
        Assert.Equal(NoticeSeverity.Error, Assert.Single(_notices).Severity);
    }

    [Theory]
    [InlineData("", "the body is empty")]
    [InlineData("\n", "the body is empty")]
    [InlineData("<xml/>", "line 1, byte 1: not JSON")]
    [InlineData("{\"a\":1}\n{\"a\"", "line 2, byte 5: not JSON")]
    public async Task Post_Garbage_TellsTheSenderAndTakesNothing(string body, string reason)
    {
        var answer = await Post(body);

        Assert.Equal((400, $"{{\"error\":\"{reason}\"}}"), (answer.Status, answer.Body));
        Assert.Null(Next());
    }

    [Fact]
    public async Task Post_SnsSubscription_IsRefusedAndNotConfirmed()
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var answer = await Post($$"""{"Type":"SubscriptionConfirmation","SubscribeURL":"http://{{trap.LocalEndpoint}}/"}""");

        Assert.Equal(422, answer.Status);
        Assert.False(trap.Pending());
        Assert.Null(Next());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_LargerThanTheLimit_IsRefusedHoweverItIsSent(bool announced)
    {
        await Restart(new IntakeOptions { MaxBody = 1_000 });

        var answer = await Post("[" + new string(' ', 1_000) + "]", request => request.Headers.TransferEncodingChunked = !announced);
        var fits = await Post("[" + new string(' ', 998) + "]");

        Assert.Equal((413, 202), (answer.Status, fits.Status));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    public async Task Post_Gzip_IsUnpacked(string? encoding)
    {
        var packed = (byte[])[.. Zip(Encoding.UTF8.GetBytes(Envelope + "\n")), .. Zip(Encoding.UTF8.GetBytes(Envelope))];

        var answer = await Post(
            packed,
            request =>
            {
                if (encoding is not null)
                    request.Content!.Headers.ContentEncoding.Add(encoding);
            }
        );

        Assert.Equal((202, Envelope + "\n" + Envelope), (answer.Status, Next()));
    }

    [Fact]
    public async Task Post_GzipBomb_IsRefusedAtTheLimit()
    {
        var bomb = Zip(new byte[65 * 1024 * 1024]);
        Assert.InRange(bomb.Length, 0, 1024 * 1024);

        var answer = await Post(bomb);

        Assert.Equal((413, "{\"error\":\"the body unpacks to more than 67108864 bytes\"}"), (answer.Status, answer.Body));
        Assert.Null(Next());
    }

    [Fact]
    public async Task Post_DamagedGzip_IsRefused()
    {
        var packed = Zip(Encoding.UTF8.GetBytes(Envelope));

        var cut = await Post(packed[..^12]);
        var nonsense = await Post([0x1f, 0x8b, 1, 2, 3, 4, 5]);

        Assert.Equal((400, 400), (cut.Status, nonsense.Status));
        Assert.Null(Next());
    }

    [Fact]
    public async Task Post_OtherPacking_IsRefused()
    {
        var answer = await Post(Envelope, request => request.Content!.Headers.ContentEncoding.Add("br"));

        Assert.Equal(415, answer.Status);
    }

    [Fact]
    public async Task Post_FullSpool_IsAskedToComeAgain()
    {
        await Restart(new IntakeOptions(), maxSpool: Envelope.Length);

        var first = await Post(Envelope);
        var second = await Post("{}");

        Assert.Equal((202, 503), (first.Status, second.Status));
        Assert.Equal(TimeSpan.FromSeconds(30), second.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Post_SenderBreaksOff_TakesNothingAndServesTheNext()
    {
        using (var sender = new TcpClient())
        {
            await sender.ConnectAsync(IPAddress.Loopback, _intake.Address!.Port, Cancel);
            await sender.GetStream().WriteAsync("POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{}"u8.ToArray(), Cancel);
        }

        var answer = await Post(Envelope);

        Assert.Equal((202, Envelope, null), (answer.Status, Next(), Next()));
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task Request_WrongMethodOrPath_IsRefused()
    {
        var get = await Send(new HttpRequestMessage(HttpMethod.Get, new Uri(_intake.Address!, "/events")));
        var elsewhere = await Send(new HttpRequestMessage(HttpMethod.Post, new Uri(_intake.Address!, "/")));

        Assert.Equal((405, 404), (get.Status, elsewhere.Status));
    }

    [Fact]
    public async Task Health_Asked_IsOk()
    {
        var answer = await Send(new HttpRequestMessage(HttpMethod.Get, new Uri(_intake.Address!, "/healthz")));

        Assert.Equal((200, "{\"status\":\"ok\"}"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Post_WithTokenSet_NeedsItButHealthDoesNot()
    {
        await Restart(new IntakeOptions { Address = IPAddress.Any, Token = "open-sesame-0123" });
        var port = _intake.Address!.Port;

        async Task<int> PostWith(string? token)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/events") { Content = new StringContent(Envelope) };
            request.Headers.Host = "detector.example";
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return (await Send(request)).Status;
        }

        Assert.Equal((401, 401, 202), (await PostWith(null), await PostWith("open-sesame-0124"), await PostWith("open-sesame-0123")));
        Assert.Equal(200, (await Send(new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/healthz"))).Status);
    }

    [Fact]
    public async Task Post_FromABrowserPage_IsForbidden()
    {
        var crossSite = await Post(Envelope, request => request.Headers.Add("Origin", "https://evil.example"));
        var rebound = await Post(Envelope, request => request.Headers.Host = "evil.example");

        Assert.Equal((403, 403), (crossSite.Status, rebound.Status));
        Assert.Null(Next());
    }

    [Fact]
    public async Task Start_PortTaken_Throws()
    {
        await using var second = new Intake(_spool, new IntakeOptions { Port = _intake.Address!.Port }, this);

        await Assert.ThrowsAsync<IOException>(() => second.StartAsync(Cancel));
    }

    [Fact]
    public async Task Post_ManySenders_AllArriveAtTheSource()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Post($"{{\"n\":{i}}}")));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var bodies = new HashSet<string>();
        await foreach (var batch in new SpoolSource(_spool, TimeProvider.System).ReadAsync(enough.Token))
        {
            if (batch.IsIdle)
                break;
            bodies.Add(Encoding.UTF8.GetString(batch.Content.Span));
            await batch.Receipt.AckAsync(Cancel);
        }

        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        Assert.Equal(200, bodies.Count);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Detector.Benchmarks.Live;

/// <summary>
/// A queue that speaks SQS's JSON protocol, and a webhook of Slack, on one port, as cheap as they can be: what is measured is to be the program. Messages are ready before
/// they are asked for. The moment at which one is given out, and that at which its alert comes to Slack, are noted.
/// </summary>
internal sealed partial class QueueAndSlack : IAsyncDisposable
{
    private const int MostAtOnce = 10;

    private readonly WebApplication _app;
    private readonly Channel<Waiting> _messages = Channel.CreateUnbounded<Waiting>();
    private readonly ConcurrentDictionary<string, long> _given = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _told = new(StringComparer.Ordinal);
    private int _handles;
    private int _out;
    private int _deleted;

    private QueueAndSlack(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public string QueueUrl => $"{Address}000000000000/live";

    public Uri Webhook => new(Address, "services/T00000000/B00000000/benchmark");

    /// <summary>Messages that were acknowledged.</summary>
    public int Deleted => Volatile.Read(ref _deleted);

    /// <summary>The most messages that were in work at once.</summary>
    public int MostOut { get; private set; }

    /// <summary>Alerts at Slack, by their marks, in milliseconds since the messages that they are of were given out.</summary>
    public IReadOnlyDictionary<string, double> Told =>
        _told.ToDictionary(told => told.Key, told => Stopwatch.GetElapsedTime(_given[told.Key], told.Value).TotalMilliseconds, StringComparer.Ordinal);

    public static async Task<QueueAndSlack> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var made = new QueueAndSlack(builder.Build());
        made._app.Run(made.HandleAsync);
        await made._app.StartAsync();
        made.Address = new Uri(made._app.Urls.Single());
        return made;
    }

    /// <summary>Puts a message into the queue.</summary>
    /// <param name="body">What it says.</param>
    /// <param name="mark">What an alert of it will hold; null if there will be none.</param>
    public void Send(byte[] body, string? mark)
    {
        var handle = Interlocked.Increment(ref _handles);
        var text = JsonEncodedText.Encode(body);
#pragma warning disable CA5351 // It is the checksum that SQS gives.
        var checksum = Convert.ToHexStringLower(MD5.HashData(body));
#pragma warning restore CA5351
        var message =
            $$$"""{"MessageId":"{{{handle}}}","ReceiptHandle":"{{{handle}}}","MD5OfBody":"{{{checksum}}}","Body":"{{{text}}}","Attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"{{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}}}"}}""";
        _messages.Writer.TryWrite(new Waiting(Encoding.UTF8.GetBytes(message), mark));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        http.Response.ContentType = "application/x-amz-json-1.0";
        switch (http.Request.Headers["X-Amz-Target"].ToString())
        {
            case "AmazonSQS.ReceiveMessage":
                await GiveAsync(http.Response, Number(body, "WaitTimeSeconds"));
                break;
            case "AmazonSQS.DeleteMessageBatch":
                var count = Entry().Count(body);
                Interlocked.Add(ref _deleted, count);
                Interlocked.Add(ref _out, -count);
                await http.Response.WriteAsync("""{"Successful":[],"Failed":[]}""");
                break;
            case { Length: > 0 }:
                await http.Response.WriteAsync("""{"Successful":[],"Failed":[]}""");
                break;
            default:
                var now = Stopwatch.GetTimestamp();
                if (LivePath.Mark().Match(body) is { Success: true } mark)
                    _told.TryAdd(mark.Value, now);
                http.Response.ContentType = "text/plain";
                await http.Response.WriteAsync("ok");
                break;
        }
    }

    private async Task GiveAsync(HttpResponse response, int patience)
    {
        var messages = new List<Waiting>(MostAtOnce);
        using (var wait = new CancellationTokenSource(TimeSpan.FromSeconds(patience)))
        {
            try
            {
                await _messages.Reader.WaitToReadAsync(wait.Token);
            }
            catch (OperationCanceledException)
            {
                // Empty.
            }
        }
        while (messages.Count < MostAtOnce && _messages.Reader.TryRead(out var next))
            messages.Add(next);
        MostOut = Math.Max(MostOut, Interlocked.Add(ref _out, messages.Count));
        var now = Stopwatch.GetTimestamp();
        foreach (var mark in messages.Select(message => message.Mark).OfType<string>())
            _given[mark] = now;
        byte[] answer = [.. "{\"Messages\":["u8, .. Joined(messages), .. "]}"u8];
        response.ContentLength = answer.Length;
        await response.Body.WriteAsync(answer);
    }

    private static byte[] Joined(List<Waiting> messages)
    {
        using var joined = new MemoryStream();
        foreach (var (index, message) in messages.Index())
        {
            if (index > 0)
                joined.WriteByte((byte)',');
            joined.Write(message.Json);
        }
        return joined.ToArray();
    }

    private static int Number(string body, string name)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty(name, out var number) ? number.GetInt32() : 0;
    }

    [GeneratedRegex("\"ReceiptHandle\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Entry();

    private readonly record struct Waiting(byte[] Json, string? Mark);
}

using System.Net.Http.Headers;
using System.Text;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>
/// Posts alerts to a Slack incoming webhook. One attempt a send: the dispatcher repeats it durably, so trying again in here would only hide
/// from the ledger what has happened. The webhook's URL is a secret, for whoever has it can post: it is in no message and no trace.
/// </summary>
public sealed class SlackWebhookSink : IAlertSink, IDisposable
{
    /// <summary>How long one send may take, from the connection to the answer.</summary>
    internal static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    private const int MaxErrorBytes = 1024;
    private const int MaxErrorCode = 64;

    private readonly Uri _webhook;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    /// <param name="webhook">A URL to which <see cref="Objection"/> has none.</param>
    /// <param name="clock">Tells how late an alert is, and measures the time limit.</param>
    /// <exception cref="ArgumentException">There is an objection to the URL.</exception>
    public SlackWebhookSink(Uri webhook, TimeProvider clock)
        : this(webhook, clock, DirectHandler()) { }

    internal SlackWebhookSink(Uri webhook, TimeProvider clock, HttpMessageHandler handler)
    {
        if (Objection(webhook) is { } objection)
            throw new ArgumentException(objection, nameof(webhook));
        _webhook = webhook;
        _clock = clock;
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("detector", null));
    }

    /// <inheritdoc/>
    public string Name => "slack";

    /// <inheritdoc/>
    /// <remarks>Slack takes about one message a second from a webhook.</remarks>
    public int Concurrency => 1;

    /// <summary>Why a URL cannot be a webhook, without repeating it; null if it can.</summary>
    public static string? Objection(Uri webhook) =>
        webhook switch
        {
            { IsAbsoluteUri: false } => "is not a whole URL",
            { Scheme: "https" } => null,
            { Scheme: "http", IsLoopback: true } => null,
            _ => "must begin with https://, for the URL is a secret and so are alerts",
        };

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(AnswerWithin, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, _webhook);
        request.Content = new ByteArrayContent(SlackMessage.Render(dispatch, _clock.GetUtcNow()).ToJson());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var code = response.IsSuccessStatusCode ? "" : await ReadErrorCodeAsync(response, either.Token);
            return SlackAnswer.Of(response, code, _clock.GetUtcNow());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return SinkAnswer.Retry($"Slack did not answer within {AnswerWithin.TotalSeconds} s");
        }
        catch (HttpRequestException error)
        {
            // The kind alone: messages of exceptions tell more than a log should hold.
            return SinkAnswer.Retry($"Slack cannot be reached: {error.HttpRequestError}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static SocketsHttpHandler DirectHandler() =>
        new()
        {
            // Whoever could redirect the post would get the alert.
            AllowAutoRedirect = false,
            UseCookies = false,
            // A webhook's address may move while the program runs for months.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // No spans: they would carry the URL.
            ActivityHeadersPropagator = null,
        };

    /// <summary>
    /// Slack says why in one word of lower-case letters. Anything else comes from somebody in between, may hold anything (the URL, too), and
    /// is left out.
    /// </summary>
    private static async ValueTask<string> ReadErrorCodeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var bytes = new byte[MaxErrorBytes];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            var count = await body.ReadAtLeastAsync(bytes, MaxErrorBytes, throwOnEndOfStream: false, cancellation);
            var word = Encoding.UTF8.GetString(bytes.AsSpan(0, count)).Trim();
            return word.Length <= MaxErrorCode && word.All(c => char.IsAsciiLetterLower(c) || c == '_') ? word : "";
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status has come, and says enough.
            return "";
        }
    }
}

using System.Globalization;
using System.Net.Http.Headers;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>One post to Slack, as webhook and bot share it: bounded in time, without redirects, cookies or traces, for the URL or the token is a secret.</summary>
internal sealed class SlackHttp : IDisposable
{
    /// <summary>How long one post may take, from the connection to the answer.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    public SlackHttp(TimeProvider clock, HttpMessageHandler? handler = null)
    {
        _clock = clock;
        _client = new HttpClient(handler ?? Direct()) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("detector", null));
    }

    /// <summary>Why a URL cannot be one of Slack's, without repeating it; null if it can.</summary>
    public static string? Objection(Uri url) =>
        url switch
        {
            { IsAbsoluteUri: false } => "is not a whole URL",
            { Scheme: "https" } => null,
            { Scheme: "http", IsLoopback: true } => null,
            _ => "must begin with https://, for it carries a secret and alerts",
        };

    /// <summary>Posts JSON. What comes of the answer is the caller's to say; that there was none is told here.</summary>
    public async ValueTask<T> PostAsync<T>(
        Uri url,
        string? token,
        byte[] json,
        Func<HttpResponseMessage, CancellationToken, ValueTask<T>> read,
        Func<SinkAnswer, T> unanswered,
        CancellationToken cancellation
    )
    {
        using var timeout = new CancellationTokenSource(AnswerWithin, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new ByteArrayContent(json);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await read(response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return unanswered(SinkAnswer.Retry($"Slack did not answer within {AnswerWithin.TotalSeconds} s"));
        }
        catch (HttpRequestException error)
        {
            // The kind alone: messages of exceptions tell more than a log should hold.
            return unanswered(SinkAnswer.Retry($"Slack cannot be reached: {error.HttpRequestError}"));
        }
    }

    /// <summary>What an answer's <c>Retry-After</c> asks for, however long; null if it asks for nothing that can be read.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        // Unvalidated, because .NET drops a number of seconds that is too large for it; here that means "long".
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out var values) || values.FirstOrDefault()?.Trim() is not { Length: > 0 } value)
            return null;
        if (value.All(char.IsAsciiDigit))
        {
            var known = int.TryParse(value, CultureInfo.InvariantCulture, out var seconds);
            return known ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        }
        return RetryConditionHeaderValue.TryParse(value, out var parsed) && parsed.Date is { } date ? (date > now ? date - now : TimeSpan.Zero) : null;
    }

    public void Dispose() => _client.Dispose();

    private static SocketsHttpHandler Direct() =>
        new()
        {
            // Whoever could redirect the post would get the alert.
            AllowAutoRedirect = false,
            UseCookies = false,
            // An address may move while the program runs for months.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // No spans: they would carry the URL.
            ActivityHeadersPropagator = null,
        };
}

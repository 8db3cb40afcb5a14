using System.Text;
using Detector.Adapters.Enrichers;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>
/// Posts alerts to a Slack incoming webhook. One attempt a send: the dispatcher repeats it durably, so trying again in here would only hide
/// from the ledger what has happened. The webhook's URL is a secret, for whoever has it can post: it is in no message and no trace.
/// </summary>
public sealed class SlackWebhookSink : IDigestSink, IDisposable
{
    private const int MaxWordBytes = 1024;
    private const int MaxWord = 64;

    private readonly Uri _webhook;
    private readonly TimeProvider _clock;
    private readonly Enrichment _enrichment;
    private readonly SlackHttp _http;

    /// <param name="name">The sink's name.</param>
    /// <param name="webhook">A URL to which <see cref="Objection"/> has none.</param>
    /// <param name="clock">Tells how late an alert is, and measures the time limit.</param>
    /// <param name="enrichment">Finds out what is told besides.</param>
    /// <exception cref="ArgumentException">There is an objection to the URL.</exception>
    public SlackWebhookSink(string name, Uri webhook, TimeProvider clock, Enrichment enrichment)
        : this(webhook, clock, null, enrichment, name) { }

    internal SlackWebhookSink(Uri webhook, TimeProvider clock, HttpMessageHandler? handler = null, Enrichment? enrichment = null, string name = "slack")
    {
        if (Objection(webhook) is { } objection)
            throw new ArgumentException(objection, nameof(webhook));
        Name = name;
        _webhook = webhook;
        _clock = clock;
        _enrichment = enrichment ?? Enrichment.None;
        _http = new SlackHttp(clock, handler);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    /// <remarks>Slack takes about one message a second from a webhook.</remarks>
    public int Concurrency => 1;

    /// <summary>Why a URL cannot be a webhook, without repeating it; null if it can.</summary>
    public static string? Objection(Uri webhook) => SlackHttp.Objection(webhook);

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
    {
        var context = await _enrichment.OfAsync(dispatch.Alert, cancellation);
        return await PostAsync(SlackMessage.Render(dispatch, _clock.GetUtcNow(), context), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<SinkAnswer> SendDigestAsync(Digest digest, CancellationToken cancellation) => PostAsync(SlackDigest.Render(digest), cancellation);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Sends a message; if Slack does not like its form, its text alone: an alert that is refused is lost.</summary>
    private async ValueTask<SinkAnswer> PostAsync(SlackPayload message, CancellationToken cancellation)
    {
        var answer = await PostOnceAsync(message, cancellation);
        return answer.Outcome is SinkOutcome.Refused ? await PostOnceAsync(message.TextAlone, cancellation) : answer;
    }

    private ValueTask<SinkAnswer> PostOnceAsync(SlackPayload message, CancellationToken cancellation) =>
        _http.PostAsync(_webhook, token: null, message.ToJson(), ReadAsync, unanswered => unanswered, cancellation);

    private async ValueTask<SinkAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        SlackAnswer.Of(response, await ReadWordAsync(response, cancellation), _clock.GetUtcNow());

    /// <summary>
    /// Slack answers with one word of lower-case letters. Anything else comes from somebody in between, may hold anything (the URL, too), and
    /// is left out.
    /// </summary>
    private static async ValueTask<string> ReadWordAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var bytes = new byte[MaxWordBytes];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            var count = await body.ReadAtLeastAsync(bytes, MaxWordBytes, throwOnEndOfStream: false, cancellation);
            var word = Encoding.UTF8.GetString(bytes.AsSpan(0, count)).Trim();
            return word.Length <= MaxWord && word.All(c => char.IsAsciiLetterLower(c) || c == '_') ? word : "";
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status has come, and says enough.
            return "";
        }
    }
}

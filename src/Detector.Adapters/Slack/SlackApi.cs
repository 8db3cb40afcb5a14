using System.Text.Json;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>
/// Calls methods of Slack's Web API with a bot's token. The token is a secret: it is in a header of the request and nowhere else.
/// </summary>
/// <param name="http">Posts.</param>
/// <param name="api">Where the API is; methods are below it.</param>
/// <param name="token">The bot's token.</param>
/// <param name="clock">From which a <c>Retry-After</c> with a date is counted.</param>
internal sealed class SlackApi(SlackHttp http, Uri api, string token, TimeProvider clock)
{
    // An answer repeats the message.
    private const int MaxAnswer = 1024 * 1024;
    private const int MaxErrorCode = 64;

    /// <summary>Calls a method once.</summary>
    public ValueTask<SlackReply> CallAsync(string method, byte[] json, CancellationToken cancellation) =>
        http.PostAsync(new Uri(api, method), token, json, (response, stop) => ReadAsync(method, response, stop), SlackReply.Failed, cancellation);

    private async ValueTask<SlackReply> ReadAsync(string method, HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        if (status is 429)
            return SlackReply.Failed(SinkAnswer.Retry($"Slack answered 429 to {method}", SlackHttp.RetryAfter(response, clock.GetUtcNow())));
        if (status is >= 500 or 408)
            return SlackReply.Failed(SinkAnswer.Retry($"Slack answered {status} to {method}", SlackHttp.RetryAfter(response, clock.GetUtcNow())));
        if (status is < 200 or >= 300)
            return SlackReply.Failed(
                SinkAnswer.UntilMended($"Slack answered {status} to {method}: check slack.apiUrl and what stands in between", SlackAnswer.UntilMended)
            );
        try
        {
            using var answer = await ParseAsync(response, cancellation);
            var root = answer.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("ok", out var ok) && ok.ValueKind is JsonValueKind.True or JsonValueKind.False)
                return ok.GetBoolean()
                    ? SlackReply.Done(Text(root, "channel"), Text(root, "ts"))
                    : SlackReply.Failed(Word(root), method, SlackHttp.RetryAfter(response, clock.GetUtcNow()));
        }
        catch (Exception error) when (error is JsonException or InvalidDataException or IOException)
        {
            // Told below: somebody in between has answered.
        }
        return SlackReply.Failed(SinkAnswer.Retry($"what came in answer to {method} is none of Slack's: a proxy may have answered in its place"));
    }

    private static async ValueTask<JsonDocument> ParseAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var buffer = new MemoryStream();
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var chunk = new byte[16 * 1024];
        while (await body.ReadAsync(chunk, cancellation) is var read and > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaxAnswer)
                throw new InvalidDataException();
        }
        return JsonDocument.Parse(buffer.ToArray());
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Slack's word for an error: lower-case letters. Anything else may hold anything, and is left out.</summary>
    private static string Word(JsonElement root) =>
        Text(root, "error") is { Length: > 0 and <= MaxErrorCode } word && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? word
            : "";
}

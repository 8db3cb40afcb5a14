using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Detector.Testing;

/// <summary>
/// A workspace of Slack as its Web API shows it, as far as this project uses it: chat.postMessage, chat.update and chat.delete with their checks of token, channel,
/// message and thread, and whatever trouble a test asks for. Source: Slack's reference of the three methods. Safe for many threads.
/// </summary>
internal sealed class SlackWorkspace
{
    public const string Token = "xoxb-a-token-that-only-the-header-holds";

    private readonly Lock _gate = new();
    private readonly List<SlackStanding> _messages = [];
    private readonly Queue<SlackTroubles> _troubles = new();
    private long _clock;

    /// <summary>The channels that the bot is in, id and name.</summary>
    public Dictionary<string, string> Channels { get; } = new(StringComparer.Ordinal) { ["C0SECURITY"] = "security", ["C0PAYMENTS"] = "payments" };

    /// <summary>Every call so far: method and body.</summary>
    public List<(string Method, string Body)> Calls { get; } = [];

    /// <summary>What stands in the channels, in the order of posting.</summary>
    public IReadOnlyList<SlackStanding> Messages
    {
        get
        {
            lock (_gate)
                return [.. _messages];
        }
    }

    /// <summary>Trouble for the calls to come, one each.</summary>
    public void Trouble(params ReadOnlySpan<SlackTroubles> troubles)
    {
        lock (_gate)
        {
            foreach (var trouble in troubles)
                _troubles.Enqueue(trouble);
        }
    }

    /// <summary>Somebody deletes a message.</summary>
    public void Delete(string ts)
    {
        lock (_gate)
            _messages.RemoveAll(message => message.Ts == ts);
    }

    /// <summary>Takes a call.</summary>
    public SlackAnswered Call(string method, string? authorization, string body)
    {
        lock (_gate)
        {
            Calls.Add((method, body));
            var trouble = _troubles.TryDequeue(out var asked) ? asked : SlackTroubles.None;
            if (trouble.Answer is { } answer && !trouble.Takes)
                return answer;
            var taken = authorization == $"Bearer {Token}" ? Do(method, body) : SlackAnswered.No("invalid_auth");
            return trouble.Answer ?? taken;
        }
    }

    private SlackAnswered Do(string method, string body)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException)
        {
            return SlackAnswered.No("invalid_json");
        }
        var (channel, ts, thread) = (Text(root, "channel"), Text(root, "ts"), Text(root, "thread_ts"));
        var id = Channels.FirstOrDefault(one => one.Key == channel || method == "chat.postMessage" && one.Value == channel?.TrimStart('#')).Key;
        if (id is null)
            return SlackAnswered.No("channel_not_found");
        var at = _messages.FindIndex(message => message.Channel == id && message.Ts == ts);
        switch (method)
        {
            case "chat.postMessage":
                if (SlackRules.Objection(Message(root)) is { } objection)
                    return SlackAnswered.No(objection == "invalid_payload" ? "invalid_arguments" : objection);
                if (thread is not null && !_messages.Exists(message => message.Channel == id && message.Ts == thread))
                    return SlackAnswered.No("thread_not_found");
                var posted = $"1772712191.{++_clock:000000}";
                _messages.Add(new SlackStanding(id, posted, thread, body));
                return SlackAnswered.Yes(id, posted);
            case "chat.update" when at < 0:
                return SlackAnswered.No("message_not_found");
            case "chat.update":
                if (SlackRules.Objection(Message(root)) is { } objected)
                    return SlackAnswered.No(objected);
                _messages[at] = _messages[at] with { Body = body };
                return SlackAnswered.Yes(id, ts!);
            case "chat.delete" when at < 0:
                return SlackAnswered.No("message_not_found");
            case "chat.delete":
                _messages.RemoveAt(at);
                return SlackAnswered.Yes(id, ts!);
            default:
                return SlackAnswered.No("unknown_method");
        }
    }

    /// <summary>Without blocks a message is its text.</summary>
    private static string Message(JsonElement root) =>
        root.TryGetProperty("blocks", out var blocks) && blocks.ValueKind == JsonValueKind.Array && blocks.GetArrayLength() == 0
            ? JsonSerializer.Serialize(new Dictionary<string, string> { ["text"] = Text(root, "text")! })
            : root.GetRawText();

    private static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>The workspace behind an HTTP client.</summary>
    public HttpMessageHandler Handler() => new Wire(this);

    private sealed class Wire(SlackWorkspace workspace) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            var answer = workspace.Call(request.RequestUri!.Segments[^1], request.Headers.Authorization?.ToString(), body);
            if (answer.Status == 0)
                throw new HttpRequestException(HttpRequestError.ConnectionError);
            var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
            {
                Content = new StringContent(answer.Body, Encoding.UTF8, "application/json"),
            };
            if (answer.RetryAfter is { } seconds)
                response.Headers.TryAddWithoutValidation("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
            return response;
        }
    }
}

/// <summary>A message that stands in a channel.</summary>
internal sealed record SlackStanding(string Channel, string Ts, string? Thread, string Body);

/// <summary>An answer of Slack's.</summary>
/// <param name="Status">HTTP's; 0 if the connection breaks off.</param>
/// <param name="Body">JSON.</param>
/// <param name="RetryAfter">Seconds.</param>
internal sealed record SlackAnswered(int Status, string Body, int? RetryAfter = null)
{
    public static SlackAnswered Yes(string channel, string ts) => new(200, $$"""{"ok":true,"channel":"{{channel}}","ts":"{{ts}}"}""");

    public static SlackAnswered No(string error) => new(200, $$"""{"ok":false,"error":"{{error}}"}""");
}

/// <summary>What goes wrong with one call.</summary>
/// <param name="Answer">The answer in place of Slack's own; null for its own.</param>
/// <param name="Takes">Whether the call is done all the same.</param>
internal sealed record SlackTroubles(SlackAnswered? Answer, bool Takes = false)
{
    public static SlackTroubles None { get; } = new((SlackAnswered?)null);

    public static SlackTroubles RateLimited(int seconds) => new(new SlackAnswered(429, """{"ok":false,"error":"ratelimited"}""", seconds));

    public static SlackTroubles Error(string word) => new(SlackAnswered.No(word));

    public static SlackTroubles Status(int status) => new(new SlackAnswered(status, ""));

    /// <summary>Slack does it, and the sender never learns.</summary>
    public static SlackTroubles AnswerLost { get; } = new(new SlackAnswered(0, ""), Takes: true);
}

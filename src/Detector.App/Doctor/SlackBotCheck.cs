using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Detector.Adapters.Slack;
using Detector.App.Options;

namespace Detector.App.Doctor;

/// <summary>Whether Slack takes the bot's token, whether it may post, and whether it is in the channels that it is to post to. Posts nothing.</summary>
/// <remarks>Slack API, <c>auth.test</c>, whose header <c>x-oauth-scopes</c> names the token's scopes, and <c>conversations.info</c>.</remarks>
/// <param name="bot">The bot.</param>
/// <param name="channels">The channels, by id or name.</param>
/// <param name="web">Reaches Slack.</param>
internal sealed class SlackBotCheck(SlackBot bot, IReadOnlyList<string> channels, HttpClient web)
{
    private const string Posts = "chat:write";
    private const string PostsEverywhere = "chat:write.public";

    private readonly Uri _api = bot.Api ?? SlackBotOptions.SlacksOwn;

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var (token, scopes) = await AskAsync("auth.test", cancellation);
        if (Trouble(token) is { } trouble)
            return [trouble];
        if (!token.IsOk)
            return
            [
                Finding.Problem(
                    "slack",
                    $"Slack does not take the bot's token: {token.Error}",
                    "install the app anew and put its bot token where slack.tokenFile says"
                ),
            ];
        var findings = new List<Finding> { Scopes(scopes) };
        foreach (var channel in channels)
        {
            var finding = await ChannelAsync(channel, scopes ?? [], cancellation);
            findings.Add(finding);
            // The next would say the same.
            if (finding is { State: FindingState.Unknown, What: MayNotLook })
                break;
        }
        return findings;
    }

    private const string MayNotLook =
        "whether the bot is in its channels may not be looked at: the scope channels:read (of private ones groups:read) is not there";

    private static Finding Scopes(IReadOnlyList<string>? scopes) =>
        scopes is null || scopes.Contains(Posts, StringComparer.Ordinal)
            ? Finding.Ok("slack", $"the bot's token is in force{(scopes is null ? "" : ", and may post")}")
            : Finding.Problem(
                "slack",
                $"the bot may not post: its scopes are {OneLine.Of(string.Join(", ", scopes))}",
                $"give it the scope {Posts} under OAuth & Permissions, and install the app anew"
            );

    private async Task<Finding> ChannelAsync(string channel, IReadOnlyList<string> scopes, CancellationToken cancellation)
    {
        // A name is for posting alone.
        if (channel is not ['C' or 'G', ..])
            return Finding.Unknown("slack", $"{channel} is a name, which Slack does not look up", "give the channel's id, which its details tell at the end");
        var (answer, _) = await AskAsync($"conversations.info?channel={Uri.EscapeDataString(channel)}", cancellation);
        if (Trouble(answer) is { } trouble)
            return trouble;
        var told = answer.Channel;
        return answer switch
        {
            { Error: "missing_scope" } => Finding.Unknown("slack", MayNotLook, "give the bot that scope, or see that it is among the members of each channel"),
            { Error: "channel_not_found" } => Finding.Problem(
                "slack",
                $"there is no channel {channel} that the bot can see",
                "correct slack.channel or the route; of a private one: /invite the bot there"
            ),
            { IsOk: false } => Finding.Unknown("slack", $"{channel} could not be looked at: {answer.Error}", "see Slack's word for it in docs/slack.md"),
            _ when Is(told, "is_archived") => Finding.Problem(
                "slack",
                $"{channel} is archived: alerts wait",
                "name another channel, or take it out of the archive"
            ),
            _ when !Is(told, "is_member") && !Is(told, "is_private") && scopes.Contains(PostsEverywhere, StringComparer.Ordinal) => Finding.Ok(
                "slack",
                $"the bot is not in {channel}, which is public: it may post there ({PostsEverywhere})"
            ),
            _ when !Is(told, "is_member") => Finding.Problem("slack", $"the bot is not in {channel}: alerts wait", "/invite the bot in that channel"),
            _ => Finding.Ok("slack", $"the bot is in {channel}"),
        };
    }

    private Finding? Trouble(Answer answer) =>
        answer.Status switch
        {
            null => Finding.Problem("slack", $"{_api.Host} cannot be reached", $"let the program reach {_api.Host} on port 443"),
            HttpStatusCode.TooManyRequests => Finding.Warning("slack", "Slack is asked too often", "wait; alerts are kept and come later"),
            _ when answer.Error is null && !answer.IsOk => Finding.Warning(
                "slack",
                $"{_api.Host} answers what is not Slack's JSON",
                "see what stands between (a proxy?), or whether Slack has trouble"
            ),
            _ => null,
        };

    private async Task<(Answer Answer, IReadOnlyList<string>? Scopes)> AskAsync(string method, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_api, method));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bot.Token.Reveal());
            using var response = await web.SendAsync(request, cancellation);
            var scopes = response.Headers.TryGetValues("x-oauth-scopes", out var named)
                ? named.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList()
                : null;
            return (Answer.Read(response.StatusCode, await response.Content.ReadAsStringAsync(cancellation)), scopes);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return (new Answer(null, IsOk: false, Error: null, default), null);
        }
    }

    private static bool Is(JsonElement told, string name) =>
        told.ValueKind == JsonValueKind.Object && told.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>What Slack said.</summary>
    /// <param name="Status">HTTP's; null if nobody answered.</param>
    /// <param name="IsOk">Slack's own word.</param>
    /// <param name="Error">Slack's word for what is wrong; null if it is not Slack that answered.</param>
    /// <param name="Channel">What it told of a channel.</param>
    private sealed record Answer(HttpStatusCode? Status, bool IsOk, string? Error, JsonElement Channel)
    {
        public static Answer Read(HttpStatusCode status, string text)
        {
            try
            {
                using var json = JsonDocument.Parse(text);
                var root = json.RootElement.Clone();
                if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("ok", out var ok))
                    return new Answer(
                        status,
                        ok.ValueKind == JsonValueKind.True,
                        root.TryGetProperty("error", out var error) ? OneLine.Of(error.ToString()) : "no reason given",
                        root.TryGetProperty("channel", out var channel) ? channel : default
                    );
            }
            catch (JsonException)
            {
                // Somebody in between has answered.
            }
            return new Answer(status, IsOk: false, Error: null, default);
        }
    }
}

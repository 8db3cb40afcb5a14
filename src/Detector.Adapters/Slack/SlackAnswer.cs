using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>What an HTTP answer of an incoming webhook means for the alert. Source: Slack's guide "Sending messages using incoming webhooks".</summary>
internal static class SlackAnswer
{
    /// <summary>
    /// The webhook is gone, or its channel is. The alert stays in the outbox until an operator has mended that: asking again now and then
    /// costs little, and an alert given up is lost.
    /// </summary>
    public static readonly TimeSpan UntilMended = TimeSpan.FromMinutes(10);

    /// <summary>The body of Slack's answer to a message that it has taken.</summary>
    private const string Taken = "ok";

    private static readonly string[] WebhookIsGone =
    [
        "action_prohibited",
        "no_service",
        "no_active_hooks",
        "no_team",
        "team_disabled",
        "invalid_token",
        "channel_not_found",
        "channel_is_archived",
        "user_not_found",
    ];

    /// <param name="response">Of which status and headers are read.</param>
    /// <param name="code">Slack's word: <c>ok</c>, or the error's, such as <c>invalid_blocks</c>; empty if there is none.</param>
    /// <param name="now">From which a <c>Retry-After</c> with a date is counted.</param>
    public static SinkAnswer Of(HttpResponseMessage response, string code, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var said = $"Slack answered {status} {code}".TrimEnd();
        return status switch
        {
            >= 200 and < 300 when code == Taken => SinkAnswer.Delivered,
            >= 200 and < 300 => SinkAnswer.UntilMended($"{said} without its ok: something on the way has answered in its place", UntilMended),
            >= 300 and < 400 => SinkAnswer.UntilMended($"{said}: redirects are not followed; check the webhook's URL", UntilMended),
            408 or 429 or >= 500 => SinkAnswer.Retry(said, SlackHttp.RetryAfter(response, now)),
            413 => SinkAnswer.Refused(said),
            _ when SlackReply.IsOfContent(code) => SinkAnswer.Refused(said),
            _ when WebhookIsGone.Contains(code, StringComparer.Ordinal) => SinkAnswer.UntilMended($"{said}: check the webhook and its channel", UntilMended),
            _ => SinkAnswer.UntilMended($"{said}: check the webhook's URL, and what stands in between", UntilMended),
        };
    }
}

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

    private static readonly string[] WebhookIsGone =
    [
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
    /// <param name="code">Slack's word for the error, such as <c>invalid_blocks</c>; empty if there is none.</param>
    /// <param name="now">From which a <c>Retry-After</c> with a date is counted.</param>
    public static SinkAnswer Of(HttpResponseMessage response, string code, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var said = $"Slack answered {status} {code}".TrimEnd();
        return status switch
        {
            >= 200 and < 300 => IsPage(response) ? SinkAnswer.Retry($"{said} with a web page: a proxy has answered in its place") : SinkAnswer.Delivered,
            >= 300 and < 400 => SinkAnswer.Retry($"{said}: redirects are not followed; check the webhook's URL", UntilMended),
            408 or 429 or >= 500 => SinkAnswer.Retry(said, SlackHttp.RetryAfter(response, now)),
            _ when WebhookIsGone.Contains(code, StringComparer.Ordinal) => SinkAnswer.Retry($"{said}: check the webhook and its channel", UntilMended),
            400 or 413 or 422 => SinkAnswer.Refused(said),
            403 when code is "action_prohibited" => SinkAnswer.Refused(said),
            _ => SinkAnswer.Retry($"{said}: check the webhook's URL", UntilMended),
        };
    }

    private static bool IsPage(HttpResponseMessage response) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, "text/html", StringComparison.OrdinalIgnoreCase);
}

using System.Globalization;
using System.Net.Http.Headers;
using Detector.Core.Delivery;

namespace Detector.Adapters.Slack;

/// <summary>What an HTTP answer of an incoming webhook means for the alert. Source: Slack's guide "Sending messages using incoming webhooks".</summary>
internal static class SlackAnswer
{
    /// <summary>An absurd <c>Retry-After</c> must not bury an alert.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>
    /// The webhook is gone, or its channel is. The alert stays in the outbox until an operator has mended that: asking again now and then
    /// costs little, and an alert given up is lost.
    /// </summary>
    private static readonly TimeSpan UntilMended = TimeSpan.FromMinutes(10);

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
            408 or 429 or >= 500 => SinkAnswer.Retry(said, RetryAfter(response, now)),
            _ when WebhookIsGone.Contains(code, StringComparer.Ordinal) => SinkAnswer.Retry($"{said}: check the webhook and its channel", UntilMended),
            400 or 413 or 422 => SinkAnswer.Refused(said),
            403 when code is "action_prohibited" => SinkAnswer.Refused(said),
            _ => SinkAnswer.Retry($"{said}: check the webhook's URL", UntilMended),
        };
    }

    private static bool IsPage(HttpResponseMessage response) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, "text/html", StringComparison.OrdinalIgnoreCase);

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        // Unvalidated, because .NET drops a number of seconds that is too large for it; here that means "long".
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out var values) || values.FirstOrDefault()?.Trim() is not { Length: > 0 } value)
            return null;
        if (value.All(char.IsAsciiDigit))
        {
            var known = int.TryParse(value, CultureInfo.InvariantCulture, out var seconds);
            return Bounded(known ? TimeSpan.FromSeconds(seconds) : LongestWait);
        }
        return RetryConditionHeaderValue.TryParse(value, out var parsed) && parsed.Date is { } date ? Bounded(date - now) : null;
    }

    private static TimeSpan Bounded(TimeSpan wait) => TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestWait.Ticks));
}

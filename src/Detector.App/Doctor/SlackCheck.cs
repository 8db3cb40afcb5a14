using System.Net;
using System.Text;
using Detector.App.Options;
using Detector.Core;

namespace Detector.App.Doctor;

/// <summary>
/// Whether Slack would take a message. An empty one is sent, which Slack refuses without showing anything: a webhook that is in force says <c>no_text</c>, one that
/// was taken back says that there is none.
/// </summary>
/// <remarks>Slack API, "Sending messages using incoming webhooks: handling errors".</remarks>
internal static class SlackCheck
{
    /// <summary>Looks at each webhook once, and at the bot.</summary>
    public static async Task<IReadOnlyList<Finding>> LookAsync(SlackOptions slack, HttpClient web, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        foreach (
            var webhook in slack
                .Routes.Select(route => route.To.Webhook)
                .Prepend(slack.To.Webhook)
                .OfType<Secret>()
                .DistinctBy(secret => secret.Reveal(), StringComparer.Ordinal)
        )
            findings.Add(await LookAsync(new Uri(webhook.Reveal()), web, cancellation));
        if (slack.Bot is { } bot)
            findings.AddRange(await new SlackBotCheck(bot, Channels(slack), web).LookAsync(cancellation));
        return findings;
    }

    private static List<string> Channels(SlackOptions slack) =>
        [.. slack.Routes.Select(route => route.To.Channel).Prepend(slack.To.Channel).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static async Task<Finding> LookAsync(Uri webhook, HttpClient web, CancellationToken cancellation)
    {
        if (!webhook.IsLoopback && !HasShape(webhook))
            return Finding.Problem(
                "slack",
                "the webhook does not look like Slack's: https://hooks.slack.com/services/T.../B.../...",
                "copy it anew from the app's page, Incoming Webhooks"
            );
        try
        {
            using var content = new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await web.PostAsync(webhook, content, cancellation);
            var said = ShortText.Of(OneLine.Of(await answer.Content.ReadAsStringAsync(cancellation)), 60);
            return answer.StatusCode switch
            {
                HttpStatusCode.BadRequest when said is "no_text" or "invalid_payload" or "missing_text_or_fallback_or_attachments" => Finding.Ok(
                    "slack",
                    "the webhook is in force (nothing was posted)"
                ),
                HttpStatusCode.TooManyRequests => Finding.Warning("slack", "the webhook is posted to too often", "wait; alerts are kept and come later"),
                HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden => Finding.Problem(
                    "slack",
                    $"the webhook is not in force: {said}",
                    said.Contains("archived", StringComparison.Ordinal)
                        ? "take the channel out of the archive, or make a webhook for another"
                        : "make a new one on the app's page, Incoming Webhooks, and put it where slack.webhookFile says (or DETECTOR_SLACK__WEBHOOK)"
                ),
                var status => Finding.Warning(
                    "slack",
                    $"Slack answers {(int)status}: {said}",
                    "see whether a message arrives; Slack may have trouble (status.slack.com)"
                ),
            };
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            // The exception's message names the host alone, never the path, which is the secret.
            return Finding.Problem("slack", $"{webhook.Host} cannot be reached", "let the program reach hooks.slack.com on port 443");
        }
    }

    private static bool HasShape(Uri webhook) =>
        webhook is { Scheme: "https", Host: "hooks.slack.com" or "hooks.slack-gov.com" }
        && webhook.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["services", ['T', ..], ['B', ..], { Length: > 8 }];
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Detector.Adapters.Slack;
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
            findings.Add(await LookAsync(bot, web, cancellation));
        return findings;
    }

    /// <summary>Asks Slack who the bot is, which posts nothing.</summary>
    /// <remarks>Slack API, <c>auth.test</c>.</remarks>
    private static async Task<Finding> LookAsync(SlackBot bot, HttpClient web, CancellationToken cancellation)
    {
        var method = new Uri(bot.Api ?? SlackBotOptions.SlacksOwn, "auth.test");
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, method);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bot.Token.Reveal());
            using var answer = await web.SendAsync(request, cancellation);
            using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
            return said.RootElement.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.True
                ? Finding.Ok("slack", "the bot's token is in force")
                : Finding.Problem(
                    "slack",
                    $"Slack does not take the bot's token: {(said.RootElement.TryGetProperty("error", out var error) ? OneLine.Of(error.ToString()) : "no reason given")}",
                    "install the app anew and put its bot token where slack.tokenFile says"
                );
        }
        catch (JsonException)
        {
            return Finding.Warning(
                "slack",
                $"{method.Host} answers what is not Slack's JSON",
                "see what stands between (a proxy?), or whether Slack has trouble"
            );
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return Finding.Problem("slack", $"{method.Host} cannot be reached", $"let the program reach {method.Host} on port 443");
        }
    }

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
                    "make a new one on the app's page, Incoming Webhooks, and put it where slack.webhookFile says"
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

using Detector.Adapters.Enrichers;
using Detector.Adapters.Slack;
using Detector.App.Options;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.App;

/// <summary>
/// Makes a sink of every channel and webhook, so that one that is broken holds up no other. Routes to the same place are one sink: an alert is told there once. What
/// no route takes goes to the place that Slack's own settings name.
/// </summary>
internal static class SlackSinks
{
    public static IEnumerable<SinkRoute> Of(SlackOptions slack, DigestOptions digests, ILedger ledger, Enrichment enrichment, TimeProvider clock)
    {
        var own = slack.Routes.Where(route => route.To.Name == slack.To.Name).ToList();
        yield return new SinkRoute(Sink(slack.To), Level.Informational)
        {
            Digests = digests,
            Only = alert => own.Exists(route => route.Takes(alert)) || alert.Rule.Level >= slack.Minimum && !slack.Routes.Any(route => route.Takes(alert)),
        };
        foreach (var place in slack.Routes.Except(own).GroupBy(route => (route.To.Channel, route.To.Webhook?.Reveal())))
        {
            var routes = place.ToList();
            yield return new SinkRoute(Sink(routes[0].To), Level.Informational)
            {
                Digests = digests,
                Only = alert => routes.Exists(route => route.Takes(alert)),
            };
        }

        IAlertSink Sink(SlackPlace to) =>
            to.Webhook is { } webhook
                ? new SlackWebhookSink(to.Name, new Uri(webhook.Reveal()), clock, enrichment)
                : new SlackBotSink(
                    new SlackBotOptions(to.Name, slack.Bot!.Token.Reveal(), to.Channel!, slack.Bot.Incident, slack.Bot.Api),
                    ledger,
                    clock,
                    enrichment
                );
    }
}

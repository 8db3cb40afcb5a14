using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Detector.Adapters.Aws;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Reports;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;

namespace Detector.Adapters;

/// <summary>What sinks would send, byte for byte, without sending it.</summary>
public static class AlertPreview
{
    private const string Sink = "preview";
    private const string Topic = "arn:aws:sns:us-east-1:111122223333:alerts";

    /// <summary>One line for each thing that would be sent: of a bot every call, of all others the first alert.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(IReadOnlyList<Alert> alerts, PreviewForm form, Enrichment enrichment, TimeProvider clock)
    {
        var first = new Dispatch(alerts[0], Sink, Attempt: 1);
        var now = clock.GetUtcNow();
        return form switch
        {
            PreviewForm.SlackBot => await CallsAsync(alerts, enrichment, clock),
            PreviewForm.Sns => [SnsMessage.Of(Topic, first, now, await enrichment.OfAsync(first.Alert, CancellationToken.None)).Bodies],
            PreviewForm.Jsonl => [Encoding.UTF8.GetString(AlertJson.Write(first.Alert))],
            PreviewForm.Text => [PlainText.Body(first.Alert, now, context: await enrichment.OfAsync(first.Alert, CancellationToken.None))],
            _ => [Encoding.UTF8.GetString(SlackMessage.Render(first, now, await enrichment.OfAsync(first.Alert, CancellationToken.None)).ToJson())],
        };
    }

    /// <summary>The calls that the bot's sink makes, in its order, each with the method's name before it.</summary>
    private static async Task<IReadOnlyList<string>> CallsAsync(IReadOnlyList<Alert> alerts, Enrichment enrichment, TimeProvider clock)
    {
        using var calls = new CallsWrittenDown();
        await using var ledger = new InMemoryLedger(clock);
        var options = new SlackBotOptions(Sink, "goes-nowhere", "C0123456789", TimeSpan.FromHours(1), new Uri("https://slack.invalid/api/"));
        using var sink = new SlackBotSink(options, ledger, clock, enrichment, calls);
        foreach (var alert in alerts)
            await sink.SendAsync(new Dispatch(alert, Sink, Attempt: 1), CancellationToken.None);
        return calls.Lines;
    }

    /// <summary>Answers in Slack's place, and keeps what it was sent.</summary>
    private sealed class CallsWrittenDown : HttpMessageHandler
    {
        public List<string> Lines { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var method = request.RequestUri!.Segments[^1];
            Lines.Add($$"""{"method":"{{method}}","body":{{await request.Content!.ReadAsStringAsync(cancellationToken)}}}""");
            var answer = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"ok":true,"channel":"C0123456789","ts":"1772712191.00000{{Lines.Count % 10}}"}"""));
            answer.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = answer };
        }
    }
}

/// <summary>As which sink an alert is told.</summary>
public enum PreviewForm
{
    /// <summary>Slack's incoming webhook.</summary>
    Slack,

    /// <summary>A bot's calls of Slack's Web API.</summary>
    SlackBot,

    /// <summary>The bodies for SNS.</summary>
    Sns,

    /// <summary>A line of JSON.</summary>
    Jsonl,

    /// <summary>Words.</summary>
    Text,
}

using System.Text;
using System.Text.Json;
using Amazon.SQS.Model;
using Detector.Adapters.Aws;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Integration.Tests.Aws;

/// <remarks>The emulator hands subscribers all bodies, as they were published; SNS itself hands each the one of its protocol.</remarks>
public class SnsSinkEmulatorTests(Emulator emulator)
{
    private readonly Notices _notices = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_RawSubscriber_GetsTheAlertForItsProtocolAndTheAttributes()
    {
        await emulator.RequireAsync();
        var topic = await emulator.CreateTopicAsync();
        var queue = await emulator.SubscribeAsync(topic, raw: true);

        var answer = await SendAsync(topic, Alert(Level.High));

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        var message = await ReceiveAsync(queue);
        Assert.Equal(
            ["account=111122223333", "kind=alert", "region=eu-central-1", "rule=admin-grant", "severity=high"],
            message!.MessageAttributes.Select(one => $"{one.Key}={one.Value.StringValue}").Order(StringComparer.Ordinal)
        );
        using var bodies = JsonDocument.Parse(message.Body);
        using var body = JsonDocument.Parse(bodies.RootElement.GetProperty("default").GetString()!);
        var alert = AlertJson.Read(Encoding.UTF8.GetBytes(body.RootElement.GetProperty("alert").GetRawText()));
        Assert.Equal(AlertJson.Write(Alert(Level.High)), AlertJson.Write(alert));
        Assert.Empty(_notices.Heard);
    }

    [Fact]
    public async Task SendAsync_OrdinarySubscriber_GetsTheSubject()
    {
        await emulator.RequireAsync();
        var topic = await emulator.CreateTopicAsync();
        var queue = await emulator.SubscribeAsync(topic, raw: false);

        await SendAsync(topic, Alert(Level.High));

        using var envelope = JsonDocument.Parse((await ReceiveAsync(queue))!.Body);
        Assert.Equal(
            "[high] Administrator rights were granted: arn:aws:iam::111122223333:user/alice, AttachUserPolicy...",
            envelope.RootElement.GetProperty("Subject").GetString()
        );
        Assert.Equal("high", envelope.RootElement.GetProperty("MessageAttributes").GetProperty("severity").GetProperty("Value").GetString());
    }

    [Fact]
    public async Task SendAsync_FilterPolicyOnSeverity_OnlyWhatItNamesArrives()
    {
        await emulator.RequireAsync();
        var topic = await emulator.CreateTopicAsync();
        var queue = await emulator.SubscribeAsync(topic, raw: true, """{"severity":["high","critical"]}""");

        foreach (var level in Enum.GetValues<Level>())
            Assert.Equal(SinkOutcome.Delivered, (await SendAsync(topic, Alert(level))).Outcome);

        Assert.Equal(2, await emulator.CountAsync(queue));
    }

    [Fact]
    public async Task SendAsync_AsLargeAsItGets_IsTaken()
    {
        await emulator.RequireAsync();
        var topic = await emulator.CreateTopicAsync();
        var alert = Alert(Level.High);
        alert = alert with { Kind = AlertKind.Correlation, Events = [.. Enumerable.Repeat(alert.Events[0], 10_000)] };

        var answer = await SendAsync(topic, alert);

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
    }

    [Fact]
    public async Task SendAsync_NoSuchTopic_IsRetriedSlowlyAndTheOperatorIsTold()
    {
        await emulator.RequireAsync();

        var answer = await SendAsync("arn:aws:sns:us-east-1:000000000000:nowhere", Alert(Level.High));

        Assert.Equal((SinkOutcome.Retry, TimeSpan.FromMinutes(2)), (answer.Outcome, answer.After));
        Assert.Equal(NoticeSeverity.Error, Assert.Single(_notices.Heard).Severity);
    }

    [Fact]
    public async Task SendAsync_NobodyListens_IsRetried()
    {
        await emulator.RequireAsync();
        var place = emulator.Place with { ServiceUrl = new TcpGate(emulator.Address).Address.OriginalString };
        var sink = new SnsSink(AwsClients.Sns(place, Emulator.Credentials), "arn:aws:sns:us-east-1:000000000000:alerts", TimeProvider.System, _notices);

        var answer = await sink.SendAsync(new Dispatch(Alert(Level.High), "sns", 1), Cancellation);

        Assert.Equal((SinkOutcome.Retry, null), (answer.Outcome, answer.After));
        Assert.Equal(NoticeSeverity.Warning, Assert.Single(_notices.Heard).Severity);
    }

    private async Task<SinkAnswer> SendAsync(string topic, Alert alert)
    {
        var sink = new SnsSink(AwsClients.Sns(emulator.Place, Emulator.Credentials), topic, TimeProvider.System, _notices);
        return await sink.SendAsync(new Dispatch(alert, "sns", 1), Cancellation);
    }

    private async Task<Message?> ReceiveAsync(string queue)
    {
        var request = new ReceiveMessageRequest(queue) { WaitTimeSeconds = 5, MessageAttributeNames = ["All"] };
        return (await emulator.Sqs.ReceiveMessageAsync(request, Cancellation)).Messages?.Single();
    }

    private static Alert Alert(Level level) =>
        new()
        {
            Id = AlertId.Of(level.ToString()),
            Rule = new AlertRule("r-1", "admin-grant", "Administrator rights were granted", level, [], "Whoever has them can do everything.", "Ask alice."),
            Kind = AlertKind.Plain,
            Events = [new AlertEvent("e-1", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), "AttachUserPolicy", "sqs:trail/m-1", 0)],
            Facts = new AlertFacts
            {
                Actor = "arn:aws:iam::111122223333:user/alice",
                Account = "111122223333",
                Region = "eu-central-1",
                EventName = "AttachUserPolicy",
                UserAgent = "Zürich \"quoted\" \\ agent",
            },
        };
}

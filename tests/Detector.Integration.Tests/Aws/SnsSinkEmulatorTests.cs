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
            "[high] Administrator rights were granted: user/alice, AttachUserPolicy, 111122223333 eu-central-1",
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
    public async Task SendBatchAsync_MoreThanOneCallTakes_EachArrivesOnceWithItsAttributes()
    {
        await emulator.RequireAsync();
        var topic = await emulator.CreateTopicAsync();
        var queue = await emulator.SubscribeAsync(topic, raw: true);
        // Ten of 40 KB are more than one call takes.
        var alerts = Enumerable
            .Range(0, 10)
            .Select(i => Alert(Level.High) with { Id = AlertId.Of($"{i}"), Events = [.. Enumerable.Repeat(Alert(Level.High).Events[0], 300)] })
            .ToList();

        var answers = await Sink(topic).SendBatchAsync([.. alerts.Select(alert => new Dispatch(alert, "sns", 1))], Cancellation);

        Assert.All(answers, answer => Assert.Equal(SinkOutcome.Delivered, answer.Outcome));
        var ids = new List<string>();
        while (await ReceiveAsync(queue) is { } message)
        {
            using var body = JsonDocument.Parse(BodyFor("sqs", message.Body));
            ids.Add(body.RootElement.GetProperty("alert").GetProperty("id").GetProperty("value").GetString()!);
            Assert.Equal("high", message.MessageAttributes["severity"].StringValue);
            await emulator.Sqs.DeleteMessageAsync(queue, message.ReceiptHandle, Cancellation);
        }
        Assert.Equal(alerts.Select(alert => alert.Id.Value).Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
        Assert.Empty(_notices.Heard);
    }

    [Fact]
    public async Task SendBatchAsync_NoSuchTopic_IsRetriedSlowlyForEach()
    {
        await emulator.RequireAsync();
        var alert = new Dispatch(Alert(Level.High), "sns", 1);

        var answers = await Sink("arn:aws:sns:us-east-1:000000000000:nowhere").SendBatchAsync([alert, alert], Cancellation);

        Assert.All(answers, answer => Assert.Equal((SinkOutcome.Retry, TimeSpan.FromMinutes(2)), (answer.Outcome, answer.After)));
        Assert.Equal(NoticeSeverity.Error, Assert.Single(_notices.Heard).Severity);
    }

    [Theory]
    [InlineData("sqs")]
    [InlineData("https")]
    [InlineData("http")]
    [InlineData("lambda")]
    [InlineData("firehose")]
    [InlineData("email-json")]
    public async Task SendAsync_Machines_GetTheJson(string protocol)
    {
        using var body = JsonDocument.Parse(await PublishedAsync(protocol));

        Assert.Equal("detector.message/1", body.RootElement.GetProperty("schema").GetString());
        Assert.Equal("admin-grant", body.RootElement.GetProperty("alert").GetProperty("rule").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("email", "HIGH: Administrator rights were granted\n\nWhat:     AttachUserPolicy")]
    [InlineData("sms", "HIGH Administrator rights were granted: user/alice, AttachUserPolicy")]
    public async Task SendAsync_People_GetWords(string protocol, string words) =>
        Assert.StartsWith(words, await PublishedAsync(protocol), StringComparison.Ordinal);

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

    private async Task<SinkAnswer> SendAsync(string topic, Alert alert) => await Sink(topic).SendAsync(new Dispatch(alert, "sns", 1), Cancellation);

    private SnsSink Sink(string topic) => new(AwsClients.Sns(emulator.Place, Emulator.Credentials), topic, TimeProvider.System, _notices);

    /// <summary>What a subscriber of a protocol gets of an alert that went through the emulator.</summary>
    private async Task<string> PublishedAsync(string protocol)
    {
        await emulator.RequireAsync();
        var topic = await emulator.CreateTopicAsync();
        var queue = await emulator.SubscribeAsync(topic, raw: true);
        await SendAsync(topic, Alert(Level.High));
        return BodyFor(protocol, (await ReceiveAsync(queue))!.Body);
    }

    /// <summary>What SNS does with MessageStructure "json": a protocol's own body, else the default. The emulator leaves that to us.</summary>
    private static string BodyFor(string protocol, string published)
    {
        using var bodies = JsonDocument.Parse(published);
        return (bodies.RootElement.TryGetProperty(protocol, out var own) ? own : bodies.RootElement.GetProperty("default")).GetString()!;
    }

    private async Task<Message?> ReceiveAsync(string queue)
    {
        var request = new ReceiveMessageRequest(queue) { WaitTimeSeconds = 5, MessageAttributeNames = ["All"] };
        return (await emulator.Sqs.ReceiveMessageAsync(request, Cancellation)).Messages?.SingleOrDefault();
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

using System.Text;
using System.Text.Json;
using Detector.Adapters.Aws;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Tests.Adapters.Aws;

public class SnsMessageTests
{
    private const string Topic = "arn:aws:sns:us-east-1:111122223333:alerts";

    [Fact]
    public void Of_Alert_EveryProtocolHasItsBody()
    {
        var message = Of(AlertSamples.Root);

        using var bodies = JsonDocument.Parse(message.Bodies);
        Assert.Equal(
            ["default", "email", "sms", "http", "https", "lambda", "sqs", "firehose", "email-json"],
            bodies.RootElement.EnumerateObject().Select(body => body.Name)
        );
        Assert.StartsWith("CRITICAL: Root user was used\n\nWhat:     CreateUser", Body(bodies, "email"), StringComparison.Ordinal);
        Assert.Equal("[critical] Root user was used: arn:aws:iam::111122223333:root, CreateUser, 111122223333 us-east-1", Body(bodies, "sms"));
        Assert.Equal(Body(bodies, "email"), Body(bodies, "default"));
        Assert.Equal(Body(bodies, "sms"), message.Subject);
    }

    [Fact]
    public void Of_Alert_MachinesGetTheAlertAndTheVersionOfItsForm()
    {
        var message = Of(AlertSamples.Root, suppressed: 37);

        using var bodies = JsonDocument.Parse(message.Bodies);
        using var body = JsonDocument.Parse(Body(bodies, "sqs"));
        Assert.Equal("detector.alert/1", body.RootElement.GetProperty("schema").GetString());
        Assert.Equal(37, body.RootElement.GetProperty("suppressed").GetInt64());
        Assert.False(body.RootElement.GetProperty("cut").GetBoolean());
        var alert = AlertJson.Read(Encoding.UTF8.GetBytes(body.RootElement.GetProperty("alert").GetRawText()));
        Assert.Equal(AlertJson.Write(AlertSamples.Root), AlertJson.Write(alert));
    }

    [Fact]
    public void Of_Alert_AttributesServeFilterPolicies()
    {
        var message = Of(AlertSamples.Root);

        Assert.Equal(
            ["account=111122223333", "region=us-east-1", "rule=root-usage", "severity=critical"],
            message.Attributes.Select(one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Of_AlertWithoutPlace_LeavesEmptyAttributesOut()
    {
        var message = Of(AlertSamples.Root with { Facts = new AlertFacts { Account = " " } });

        Assert.Equal(["rule", "severity"], message.Attributes.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Of_HostileNames_SubjectAndTextMessageStayPlain()
    {
        var facts = AlertSamples.Root.Facts with { Actor = "a\r\nBcc: x\u0007\u202e" + new string('é', 200) };

        var message = Of(AlertSamples.Root with { Facts = facts });

        using var bodies = JsonDocument.Parse(message.Bodies);
        var sms = Body(bodies, "sms");
        Assert.Equal((99, 140), (message.Subject.Length, sms.Length));
        Assert.All(message.Subject + sms, character => Assert.InRange(character, ' ', '~'));
        Assert.EndsWith("...", message.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('"')]
    [InlineData('é')]
    [InlineData('\\')]
    public void Of_AlertBeyondTheLimit_IsCutInSightAndStaysJson(char filling)
    {
        var text = new string(filling, 40_000);
        var events = Enumerable.Range(0, 20_000).Select(number => new AlertEvent($"e-{number}", AlertSamples.Happened, "CreateUser", text[..50], 0));
        var alert = AlertSamples.Root with
        {
            Kind = AlertKind.Correlation,
            Events = [.. events],
            Rule = new AlertRule(text, text, text, Level.High, [text, text], text, text),
            Facts = AlertSamples.Root.Facts with { UserAgent = text, Targets = [.. Enumerable.Repeat(text, 50)] },
        };

        var message = Of(alert);

        var size = Encoding.UTF8.GetByteCount(message.Bodies) + message.Attributes.Sum(one => Encoding.UTF8.GetByteCount(one.Key + "String" + one.Value));
        Assert.InRange(size, 1, TopicMessage.MaxBytes);
        using var bodies = JsonDocument.Parse(message.Bodies);
        using var body = JsonDocument.Parse(Body(bodies, "https"));
        Assert.True(body.RootElement.GetProperty("cut").GetBoolean());
        Assert.Equal(20_000, body.RootElement.GetProperty("events").GetInt32());
        Assert.Equal("e-19999", body.RootElement.GetProperty("alert").GetProperty("events").EnumerateArray().Last().GetProperty("eventId").GetString());
        Assert.Contains("…", body.RootElement.GetProperty("alert").GetProperty("rule").GetProperty("description").GetString()!, StringComparison.Ordinal);
        Assert.Contains("[cut to fit", Body(bodies, "email"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('"')]
    [InlineData('漢')]
    public void Of_LargestDigest_NamesEveryActorWithinTheLimit(char filling)
    {
        var digest = new Digest(AlertId.Of("digest"), "sns", 1, [.. Enumerable.Range(0, 1_000).Select(i => Member(i, new string(filling, 600)))]);

        var message = SnsMessage.Of(Topic, digest);

        Assert.InRange(Encoding.UTF8.GetByteCount(message.Bodies), 1, TopicMessage.MaxBytes - 100);
        using var bodies = JsonDocument.Parse(message.Bodies);
        using var body = JsonDocument.Parse(Body(bodies, "sqs"));
        Assert.Equal("detector.digest/1", body.RootElement.GetProperty("schema").GetString());
        Assert.Equal(1_000, body.RootElement.GetProperty("count").GetInt32());
        var actors = body.RootElement.GetProperty("rules")[0].GetProperty("actors").EnumerateArray().ToList();
        Assert.Equal(100, actors.Count);
        Assert.Equal(1_000, actors.Sum(actor => actor.GetProperty("alerts").GetArrayLength() + actor.GetProperty("more").GetInt32()));
        Assert.All(Enumerable.Range(0, 100), i => Assert.Contains($" x {i}-", Body(bodies, "email"), StringComparison.Ordinal));
        Assert.Contains("detector alerts list --digest", Body(bodies, "email"), StringComparison.Ordinal);

        static Dispatch Member(int i, string name) =>
            new(
                AlertSamples.Root with
                {
                    Id = AlertId.Of($"{i}"),
                    Facts = new AlertFacts { Actor = $"{i % 100}-{name}" },
                },
                "sns",
                2
            );
    }

    [Fact]
    public void Of_FifoTopic_GoesInOrderByAccountAndOnceByAlert()
    {
        var message = SnsMessage.Of(Topic + ".fifo", new Dispatch(AlertSamples.Root, "sns", 1), AlertSamples.Happened);

        Assert.Equal(new FifoPlace("111122223333", AlertSamples.Root.Id.Value), message.Fifo);
        Assert.Null(Of(AlertSamples.Root).Fifo);
        Assert.Equal(["detector.root-usage"], message.Tags);
    }

    private static TopicMessage Of(Alert alert, long suppressed = 0) =>
        SnsMessage.Of(Topic, new Dispatch(alert, "sns", 1, suppressed), AlertSamples.Happened.AddSeconds(40));

    private static string Body(JsonDocument bodies, string protocol) => bodies.RootElement.GetProperty(protocol).GetString()!;
}

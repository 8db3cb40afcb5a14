using System.Text;
using System.Text.Json;
using Detector.Adapters.Aws;
using Detector.Adapters.Enrichers;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Tests.Adapters.Aws;

public class SnsMessageTests
{
    private const string Topic = "arn:aws:sns:us-east-1:111122223333:alerts";

    [Fact]
    public void Of_Alert_EveryProtocolHasItsBody()
    {
        var message = Of(AlertSamples.Root);

        using var bodies = JsonDocument.Parse(message.Bodies);
        // SNS takes a protocol's own body, else the default, which is all that machines need.
        Assert.Equal(["default", "email", "sms"], bodies.RootElement.EnumerateObject().Select(body => body.Name));
        Assert.StartsWith("CRITICAL: Root user was used\n\nWhat:     CreateUser", Body(bodies, "email"), StringComparison.Ordinal);
        Assert.Equal($"CRITICAL Root user was used: root, CreateUser, 111122223333 us-east-1 #{AlertSamples.Root.Id.Value[..8]}", Body(bodies, "sms"));
        Assert.Equal("[critical] Root user was used: root, CreateUser, 111122223333 us-east-1", message.Subject);
    }

    [Fact]
    public void Of_Alert_MachinesGetTheAlertAndTheVersionOfItsForm()
    {
        var message = Of(AlertSamples.Root, suppressed: 37);

        using var bodies = JsonDocument.Parse(message.Bodies);
        using var body = JsonDocument.Parse(Body(bodies, "default"));
        Assert.Equal("detector.message/1", body.RootElement.GetProperty("schema").GetString());
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
            [
                new("kind", "String", "alert"),
                new("severity", "String", "critical"),
                new("rule", "String", "root-usage"),
                new("account", "String", "111122223333"),
                new("region", "String", "us-east-1"),
                new("tags", "String.Array", """["detector.root-usage"]"""),
            ],
            message.Attributes
        );
    }

    [Fact]
    public void Of_AlertWithoutPlace_LeavesEmptyAttributesOut()
    {
        var message = Of(AlertSamples.Root with { Facts = new AlertFacts { Account = " " } });

        Assert.Equal(["kind", "severity", "rule", "tags"], message.Attributes.Select(one => one.Name));
    }

    [Fact]
    public void Of_HostileNames_SubjectAndTextMessageStayPlain()
    {
        var facts = AlertSamples.Root.Facts with { Actor = "a\r\nBcc: x\u0007\u202e" + new string('é', 200) };

        var message = Of(AlertSamples.Root with { Facts = facts });

        using var bodies = JsonDocument.Parse(message.Bodies);
        Assert.EndsWith("...", message.Subject, StringComparison.Ordinal);
        Assert.Equal(99, message.Subject.Length);
        // A name that is too long leaves room for what was done, and where.
        Assert.Equal(
            $"CRITICAL Root user was used: a Bcc: x{new string('?', 31)}..., CreateUser, 111122223333 us-east-1 #{AlertSamples.Root.Id.Value[..8]}",
            Body(bodies, "sms")
        );
    }

    [Fact]
    public void Of_EveryPartTooLong_TextMessageTellsOfEachAndFits()
    {
        var facts = AlertSamples.Root.Facts with { Actor = new string('a', 300), EventName = new string('e', 300), Region = new string('r', 300) };
        var rule = AlertSamples.Root.Rule with { Title = new string('t', 300), Level = Level.Informational };

        using var bodies = JsonDocument.Parse(Of(AlertSamples.Root with { Facts = facts, Rule = rule }).Bodies);

        Assert.Matches("^INFO t{34}\\.\\.\\.: a{18}\\.\\.\\., e{18}\\.\\.\\., 1{4}2{4}3{4} r{13}\\.\\.\\. #[0-9a-f]{8}$", Body(bodies, "sms"));
        Assert.InRange(Body(bodies, "sms").Length, 1, SnsMessage.MaxSms);
    }

    [Fact]
    public void Of_NamesThatAreLinks_MailAndPhoneMakeNoneOfThem()
    {
        var facts = AlertSamples.Root.Facts with { Actor = "https://evil.example/reset", UserAgent = "www.evil.example (mailto:a@b.example)" };

        using var bodies = JsonDocument.Parse(Of(AlertSamples.Root with { Facts = facts }).Bodies);

        Assert.Contains("Who:      https[:]//evil[.]example/reset\n", Body(bodies, "email"), StringComparison.Ordinal);
        Assert.Contains("Agent:    www[.]evil[.]example (mailto[:]a@b[.]example)\n", Body(bodies, "email"), StringComparison.Ordinal);
        Assert.Contains("CreateUser (iam.amazonaws.com)", Body(bodies, "email"), StringComparison.Ordinal);
        Assert.Contains("https[:]//evil[.]example", Body(bodies, "sms"), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhatIsKnownBesides_IsToldToPeople()
    {
        var context = new AlertContext
        {
            AccountName = "payments-prod",
            Place = "Amsterdam, Netherlands",
            Network = "AS64496 Example Hosting",
            FirstSeen = ["alert of this rule", "alert from this address"],
            Steps = ["See what the user may do now."],
        };
        var alert = AlertSamples.Root with
        {
            Events = [AlertSamples.Root.Events[0] with { EventId = "7f0d3c1a-52be-4a0e-9c55-8f7e6b1d2a90", File = "s3://trail/AWSLogs/a.json.gz" }],
            Facts = AlertSamples.Root.Facts with
            {
                Actor = "arn:aws:sts::111122223333:assumed-role/ops/i-0123",
                ErrorCode = "AccessDenied",
                Behind = new ActorChain("arn:aws:iam::111122223333:user/ann", ActorKind.User, null, []),
            },
        };

        using var bodies = JsonDocument.Parse(SnsMessage.Of(Topic, new Dispatch(alert, "sns", 1), AlertSamples.Happened, context).Bodies);

        var mail = Body(bodies, "email").Split('\n');
        Assert.Contains(
            mail,
            line =>
                line.StartsWith("From:     ", StringComparison.Ordinal)
                && line.EndsWith(", Amsterdam, Netherlands, AS64496 Example Hosting", StringComparison.Ordinal)
        );
        Assert.Contains("Where:    payments-prod, 111122223333 us-east-1", mail);
        Assert.Contains("New:      first alert of this rule, first alert from this address for this actor", mail);
        Assert.Contains("1. See what the user may do now.", mail);
        Assert.Contains(
            "Open:     https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/7f0d3c1a-52be-4a0e-9c55-8f7e6b1d2a90",
            mail
        );
        Assert.Contains("Again:    detector replay s3://trail/AWSLogs/a.json.gz", mail);
        // A phone names the person behind the role, and the account as people call it.
        Assert.Equal(
            $"CRITICAL Root user was used: user/ann, CreateUser failed, payments-prod us-east-1 #{AlertSamples.Root.Id.Value[..8]}",
            Body(bodies, "sms")
        );
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

        Assert.InRange(message.Size, 1, TopicMessage.MaxBytes);
        using var bodies = JsonDocument.Parse(message.Bodies);
        using var body = JsonDocument.Parse(Body(bodies, "default"));
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

        Assert.InRange(message.Size, 1, TopicMessage.MaxBytes);
        using var bodies = JsonDocument.Parse(message.Bodies);
        using var body = JsonDocument.Parse(Body(bodies, "default"));
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
    }

    [Fact]
    public void Of_FifoTopic_OnlyWhatSomebodySendsAgainIsNoRepeat()
    {
        Assert.Equal(Deduplication(new Dispatch(AlertSamples.Root, "sns", 1)), Deduplication(new Dispatch(AlertSamples.Root, "sns", 2)));

        var again = Deduplication(new Dispatch(AlertSamples.Root, "sns", 1) { Resent = 1 });

        Assert.NotEqual(Deduplication(new Dispatch(AlertSamples.Root, "sns", 1)), again);
        Assert.NotEqual(again, Deduplication(new Dispatch(AlertSamples.Root, "sns", 1) { Resent = 2 }));
        Assert.Matches("^[0-9a-zA-Z-]{1,128}$", again);

        static string Deduplication(Dispatch dispatch) => SnsMessage.Of(Topic + ".fifo", dispatch, AlertSamples.Happened).Fifo!.Deduplication;
    }

    [Fact]
    public void Of_AlertOfManyEvents_IsWholeUpToTheLimitAndThenLosesNoMoreThanItMust()
    {
        // 40 KB were the limit as long as each protocol had the JSON for itself.
        using var whole = JsonDocument.Parse(Body(Events(1_000), "default"));
        Assert.False(whole.RootElement.GetProperty("cut").GetBoolean());
        Assert.Equal(1_000, whole.RootElement.GetProperty("alert").GetProperty("events").GetArrayLength());

        var message = Events(3_000);

        using var cut = JsonDocument.Parse(Body(message, "default"));
        Assert.True(cut.RootElement.GetProperty("cut").GetBoolean());
        Assert.InRange(message.Size, TopicMessage.MaxBytes / 2, TopicMessage.MaxBytes);

        static TopicMessage Events(int count) =>
            Of(
                AlertSamples.Root with
                {
                    Kind = AlertKind.Correlation,
                    Events =
                    [
                        .. Enumerable.Range(0, count).Select(i => new AlertEvent($"{Guid.Empty}-{i}", AlertSamples.Happened, "CreateUser", "sqs:trail/m-1", i)),
                    ],
                }
            );

        static string Body(TopicMessage message, string protocol)
        {
            using var bodies = JsonDocument.Parse(message.Bodies);
            return bodies.RootElement.GetProperty(protocol).GetString()!;
        }
    }

    private static TopicMessage Of(Alert alert, long suppressed = 0) =>
        SnsMessage.Of(Topic, new Dispatch(alert, "sns", 1, suppressed), AlertSamples.Happened.AddSeconds(40));

    private static string Body(JsonDocument bodies, string protocol) => bodies.RootElement.GetProperty(protocol).GetString()!;
}

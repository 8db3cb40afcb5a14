using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Tests.Adapters.Reports;

public class PlainTextTests
{
    private static readonly DateTimeOffset Happened = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Body_WholeAlert_AnswersEveryQuestion()
    {
        var body = PlainText.Body(Sample(), Happened.AddSeconds(40), suppressed: 37);

        Assert.Equal(
            """
            CRITICAL: Root user signed in

            What:     ConsoleLogin (signin.amazonaws.com), failed with AccessDenied
            On:       userName=alice
            Who:      arn:aws:iam::111122223333:root (Root), key ASIAEXAMPLE
            MFA:      no
            From:     198.51.100.7
            Agent:    curl/8.0
            Where:    111122223333 us-east-1
            When:     2026-03-04 05:06:07 UTC, told 40 s later
            Repeats:  37 more not told one by one

            First step
            Ask the owner.

            Why it matters
            Root can do everything.

            Again:    detector replay --lookup-events --region us-east-1 --from 2026-03-04T04:51:07Z --to 2026-03-04T05:21:07Z
            Rule:     root-usage (6a1f0c1e)
            Alert:    0123
            Event:    e-1 ConsoleLogin in sqs:trail/m-1

            """,
            body
        );
    }

    [Fact]
    public void Body_NothingKnown_StillSaysWhatFired()
    {
        var alert = Sample() with { Facts = new AlertFacts(), Events = [new AlertEvent(null, null, null, "x.json", 0)] };

        var body = PlainText.Body(alert, Happened);

        Assert.StartsWith("CRITICAL: Root user signed in\n\nWhen:     the record has no time\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_HostileStrings_CannotAddLinesOrEscapes()
    {
        var honest = PlainText.Body(Sample(), Happened);
        var facts = Sample().Facts with { UserAgent = "a\r\nWho: \u001b[2Jnobody\u202e\u2028x\u0000\ud800" };

        var body = PlainText.Body(Sample() with { Facts = facts }, Happened);

        Assert.Equal(honest.Split('\n').Length, body.Split('\n').Length);
        Assert.Contains("Agent:    a Who: [2Jnobody x\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_Sample_NamesActorActAndPlace()
    {
        var line = PlainText.Line(Sample());

        Assert.Equal("[critical] Root user signed in: root, ConsoleLogin, 111122223333 us-east-1", line);
    }

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(59, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(185, "3 min 5 s")]
    [InlineData(7800, "2 h 10 min")]
    [InlineData(356400, "4 d 3 h")]
    public void HowLate_Seconds_TwoUnitsThatMatter(int seconds, string expected) => Assert.Equal(expected, PlainText.HowLate(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdefg", 6, "abcde…")]
    [InlineData("ab😀de", 4, "ab…")]
    public void Clean_LongerThanMax_EndsInEllipsisBetweenCharacters(string value, int max, string expected) =>
        Assert.Equal(expected, PlainText.Clean(value, max));

    private static Alert Sample() =>
        new()
        {
            Id = new AlertId("0123"),
            Rule = new AlertRule("6a1f0c1e", "root-usage", "Root user signed in", Level.Critical, [], "Root can do everything.", "Ask the owner."),
            Kind = AlertKind.Plain,
            Events = [new AlertEvent("e-1", Happened, "ConsoleLogin", "sqs:trail/m-1", 0)],
            Facts = new AlertFacts
            {
                Actor = "arn:aws:iam::111122223333:root",
                ActorType = "Root",
                AccessKeyId = "ASIAEXAMPLE",
                Account = "111122223333",
                Region = "us-east-1",
                EventSource = "signin.amazonaws.com",
                EventName = "ConsoleLogin",
                SourceAddress = "198.51.100.7",
                UserAgent = "curl/8.0",
                ErrorCode = "AccessDenied",
                Mfa = "no",
                Targets = ["userName=alice"],
            },
        };
}

using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Tests.Adapters.Slack;

/// <summary>Alerts for the tests of sinks.</summary>
internal static class SlackAlerts
{
    public static readonly DateTimeOffset Happened = new(2026, 3, 5, 12, 3, 11, TimeSpan.Zero);

    public static readonly DateTimeOffset Told = Happened.AddSeconds(41);

    public static Alert AdminGrant { get; } =
        new()
        {
            Id = new AlertId("0123456789abcdef0123456789abcdef"),
            Rule = new AlertRule(
                "5c4c1f6e",
                "admin-grant",
                "Administrator rights granted",
                Level.High,
                [],
                "Whoever has them can do anything.",
                "Detach the policy."
            ),
            Kind = AlertKind.Plain,
            Events = [new AlertEvent("e-1", Happened, "AttachUserPolicy", "sqs:trail/m-1", 0)],
            Facts = new AlertFacts
            {
                Actor = "arn:aws:iam::111122223333:user/alice",
                ActorType = "IAMUser",
                AccessKeyId = "AKIAEXAMPLEALICE0001",
                Account = "111122223333",
                Region = "us-east-1",
                EventSource = "iam.amazonaws.com",
                EventName = "AttachUserPolicy",
                SourceAddress = "203.0.113.77",
                UserAgent = "aws-cli/2.17.4",
                Mfa = "no",
                Targets = ["userName=build-agent", "policyArn=arn:aws:iam::aws:policy/AdministratorAccess"],
            },
        };

    public static Dispatch To(this Alert alert, string sink, long suppressed = 0) => new(alert, sink, Attempt: 1, suppressed);

    /// <summary>The alert with each string that somebody outside can choose replaced.</summary>
    public static Alert With(this Alert alert, string text, int copies = 1) =>
        alert with
        {
            Rule = new AlertRule(text, text, text, Level.High, [text], text, text),
            Group = text,
            Events = [.. Enumerable.Repeat(new AlertEvent(text, Happened, text, text, 0), copies)],
            Facts = new AlertFacts
            {
                Actor = text,
                ActorType = text,
                AccessKeyId = text,
                Account = text,
                Region = text,
                EventSource = text,
                EventName = text,
                SourceAddress = text,
                UserAgent = text,
                ErrorCode = text,
                Mfa = text,
                Targets = [.. Enumerable.Repeat(text, copies)],
            },
        };
}

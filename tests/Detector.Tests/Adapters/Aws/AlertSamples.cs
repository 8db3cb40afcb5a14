using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Tests.Adapters.Aws;

/// <summary>Alerts for the tests of what is published.</summary>
internal static class AlertSamples
{
    public static readonly DateTimeOffset Happened = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public static Alert Root { get; } =
        new()
        {
            Id = new AlertId("0123456789abcdef0123456789abcdef"),
            Rule = new AlertRule(
                "6a1f0c1e",
                "root-usage",
                "Root user was used",
                Level.Critical,
                ["detector.root-usage"],
                "Root can do everything.",
                "Ask the owner."
            ),
            Kind = AlertKind.Plain,
            Events = [new AlertEvent("e-1", Happened, "CreateUser", "sqs:trail/m-1", 0)],
            Facts = new AlertFacts
            {
                Actor = "arn:aws:iam::111122223333:root",
                Account = "111122223333",
                Region = "us-east-1",
                EventSource = "iam.amazonaws.com",
                EventName = "CreateUser",
                SourceAddress = "198.51.100.7",
            },
        };
}

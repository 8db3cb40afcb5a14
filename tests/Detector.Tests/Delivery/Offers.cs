using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Tests.Delivery;

/// <summary>Made-up alerts on their way into a ledger.</summary>
internal static class Offers
{
    public static DateTimeOffset Noon { get; } = new(2025, 3, 4, 12, 0, 0, TimeSpan.Zero);

    public static AlertId IdOf(string name) => AlertId.Of(name);

    public static DispatchKey Key(string name, string sink) => new(IdOf(name), sink);

    public static EventIdentity Event(string name) => new(AlertId.Of("event", name).Value);

    /// <param name="name">Makes the alert's id.</param>
    /// <param name="sinks">Names joined by spaces.</param>
    /// <param name="raisedBy">Makes the event's identity; the alert's name if null.</param>
    /// <param name="rule">The rule's id.</param>
    /// <param name="group">The alert's group.</param>
    public static OutboxEntry Offer(string name, string sinks = "slack", string? raisedBy = null, string rule = "rule-a", string? group = null) =>
        new(
            new Alert
            {
                Id = IdOf(name),
                Rule = new AlertRule(rule, rule, "Root was used", Level.High, ["detector.example"], "Why \"it\" matters\n", "Call the owner"),
                Kind = AlertKind.Plain,
                Group = group,
                Events = [new AlertEvent("e-" + name, Noon, "ConsoleLogin", "queue/1", 3)],
                Facts = new AlertFacts { Actor = "arn:aws:iam::111122223333:root", Targets = ["userName=näme"] },
            },
            Event(raisedBy ?? name),
            sinks.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );
}

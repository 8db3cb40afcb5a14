using Detector.Core.Rules;

namespace Detector.Core.Delivery;

/// <summary>A sink that can tell of many alerts at once. Others get each by itself, however many there are.</summary>
public interface IDigestSink : IAlertSink
{
    /// <summary>Tells of all alerts of a digest in one message, once. Answers as <see cref="IAlertSink.SendAsync"/> does, for all of them.</summary>
    ValueTask<SinkAnswer> SendDigestAsync(Digest digest, CancellationToken cancellation);
}

/// <summary>Alerts of a storm that are told together.</summary>
/// <param name="Id">
/// Identity of the digest. Sent again after a crash it has the same, and the same members but for those that were settled meanwhile.
/// </param>
/// <param name="Sink">The sink's <see cref="IAlertSink.Name"/>.</param>
/// <param name="Attempt">1 for the first send.</param>
/// <param name="Members">What it tells of, in the order in which the ledger took them; two or more.</param>
public sealed record Digest(AlertId Id, string Sink, int Attempt, IReadOnlyList<Dispatch> Members)
{
    /// <summary>The highest level among them.</summary>
    public Level Level => Members.Max(member => member.Alert.Rule.Level);

    /// <summary>What it tells of each rule: the most severe first, then the most frequent.</summary>
    public IReadOnlyList<DigestRule> Rules { get; } =
    [
        .. Members
            .GroupBy(member => member.Alert.Rule.Id, StringComparer.Ordinal)
            .Select(rule => new DigestRule(
                rule.First().Alert.Rule,
                [
                    .. rule.GroupBy(member => ActorOf(member.Alert), StringComparer.Ordinal)
                        .Select(actor => new DigestActor(actor.Key, [.. actor.Select(member => member.Alert)]))
                        .OrderByDescending(actor => actor.Alerts.Count)
                        .ThenBy(actor => actor.Actor, StringComparer.Ordinal),
                ]
            ))
            .OrderByDescending(rule => rule.Rule.Level)
            .ThenByDescending(rule => rule.Count)
            .ThenBy(rule => rule.Rule.Name, StringComparer.Ordinal),
    ];

    /// <summary>Event times from the first alert to the last; null if no event has one.</summary>
    public (DateTimeOffset First, DateTimeOffset Last)? Times
    {
        get
        {
            var times = Members.Select(member => member.Alert.Time).OfType<DateTimeOffset>().ToList();
            return times.Count == 0 ? null : (times.Min(), times.Max());
        }
    }

    /// <summary>Who an alert is about: its actor, else its group; empty if it tells of neither.</summary>
    internal static string ActorOf(Alert alert) => alert.Facts.Actor ?? alert.Group ?? "";
}

/// <summary>A rule in a digest.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Actors">Who met it, the most frequent first.</param>
public sealed record DigestRule(AlertRule Rule, IReadOnlyList<DigestActor> Actors)
{
    /// <summary>How many alerts it has in the digest.</summary>
    public int Count => Actors.Sum(actor => actor.Alerts.Count);
}

/// <summary>An actor of a rule in a digest.</summary>
/// <param name="Actor">As the alerts name it; empty if they do not.</param>
/// <param name="Alerts">The alerts that it raised.</param>
public sealed record DigestActor(string Actor, IReadOnlyList<Alert> Alerts);

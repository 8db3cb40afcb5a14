namespace Detector.Core.Rules.Fields;

/// <summary>Who stands behind a session: whoever was given its temporary credentials, and whoever stood behind them.</summary>
/// <remarks>AWS Security Token Service API Reference; CloudTrail User Guide, "CloudTrail userIdentity element" and "sharedEventID".</remarks>
internal static class SessionFields
{
    /// <summary>The fact of a session that tells who was given it, with the key that they used: <c>KEY WHO</c>, or <c>- WHO</c>.</summary>
    private const string GivenTo = "caller";

    /// <summary>The same as the account of the role tells it of a caller from another one, of whom it sees less.</summary>
    private const string GivenToOutsider = "outsider";

    /// <summary>A chain of roles ends after an hour, so nobody has a longer one.</summary>
    private const int LongestChain = 32;

    public static DerivedField[] All { get; } =
    [
        new(
            "detector.history.actor",
            "text",
            "Who stands behind the call: of a session whoever was given it, by every AssumeRole on the way and across accounts whose trails are read, else the source "
                + "identity of the session, else what detector.actor says. AssumeRoot and sessions of users and of identity providers are followed too.",
            e => Behind(e) is { } actor ? [actor] : [],
            Lessons.Sessions
        ),
    ];

    /// <summary>Who was given the session that an event of AWS STS began; null if it began none.</summary>
    public static (string Entity, string Name, string? Value)? Begun(EventContext e) =>
        e.Response.Member("credentials").Text("accessKeyId") is { } key && Caller.Actor(e.Root) is { } who
            ? (Entity.Session(key), e.Identity.Text("type") == "AWSAccount" ? GivenToOutsider : GivenTo, $"{e.Identity.Text("accessKeyId") ?? "-"} {who}")
            : null;

    private static string? Behind(EventContext e)
    {
        var who = e.Identity.Member("sessionContext").Text("sourceIdentity") is { Length: > 0 } said ? said : Caller.Actor(e.Root);
        var key = e.Identity.Text("accessKeyId");
        for (var step = 0; step < LongestChain && Giver(e, key) is { } giver; step++)
        {
            var end = giver.IndexOf(' ', StringComparison.Ordinal);
            (key, who) = (giver[..end], giver[(end + 1)..]);
        }
        return who;
    }

    private static string? Giver(EventContext e, string? key) =>
        key is { Length: > 0 } && e.History is { } history && Entity.Session(key) is var session
            ? (history.Find(session, GivenTo) ?? history.Find(session, GivenToOutsider))?.Value
            : null;
}

namespace Detector.Core.Rules.Fields;

/// <summary>Who stands behind a session: whoever was given its temporary credentials, and whoever stood behind them.</summary>
/// <remarks>AWS Security Token Service API Reference; CloudTrail User Guide, "CloudTrail userIdentity element" and "sharedEventID".</remarks>
internal static class SessionFields
{
    /// <summary>The fact of a session that tells who was given it, with the key that they used: <c>KEY KIND WHO</c>, or <c>- KIND WHO</c>.</summary>
    private const string GivenTo = "given";

    /// <summary>The same as the account of the role tells it of a caller from another one, of whom it sees less.</summary>
    private const string GivenToOutsider = "outsider";

    /// <summary>The fact that tells which identity provider vouched.</summary>
    private const string VouchedBy = "provider";

    /// <summary>The fact that tells by which sharedEventID the caller's account has recorded the same.</summary>
    private const string Shared = "shared";

    private const string Ec2 = "ec2.amazonaws.com";

    /// <summary>A chain of roles ends after an hour, so nobody has a longer one.</summary>
    private const int LongestChain = 32;

    /// <summary>Fields that tell by which key a call was made, which key it gave, and what tells of both where two accounts have recorded it.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["userIdentity.accessKeyId", "responseElements.credentials.accessKeyId", "sharedEventID"];

    public static DerivedField[] All { get; } =
    [
        new(
            "detector.history.actor",
            "text",
            "Who stands behind the call: of a session whoever was given it, by every AssumeRole on the way and across accounts whose trails are read, else the source "
                + "identity of the session, else what detector.actor says. AssumeRoot and sessions of users and of identity providers are followed too.",
            e => Actor(e) is { } actor ? [actor] : [],
            Lessons.Sessions
        ),
        DerivedField.Flag(
            "detector.history.federated",
            "Whether the session came through an identity provider (Identity Center, SAML or OIDC), as the record tells, or as the trail told of whoever was given the "
                + "session; where that was not seen, whether people were seen to take its role by SAML.",
            IsFederated,
            Lessons.Sessions | Lessons.SamlRoles
        ),
    ];

    /// <summary>Who was given the session that an event of AWS STS began; none if it began none.</summary>
    public static IEnumerable<(string Entity, string Name, string? Value)> Begun(EventContext e) =>
        Bearer.Of(e.Identity) is { } asker
            ? Begun(asker, Caller.Some(e.Response.Member("credentials").Text("accessKeyId")), Caller.Some(e.Root.Text("sharedEventID")))
            : [];

    /// <summary>The same, taken from the event.</summary>
    /// <param name="asker">Who called.</param>
    /// <param name="key">The access key that was given; null if none is told.</param>
    /// <param name="shared">The event's <c>sharedEventID</c>, or null.</param>
    public static IEnumerable<(string Entity, string Name, string? Value)> Begun(Bearer asker, string? key, string? shared)
    {
        var given = $"{asker.Key ?? "-"} {asker.Kind} {asker.Who}";
        if (key is not null)
        {
            var session = Entity.Session(key);
            yield return (session, asker.Kind == ActorKind.Outsider ? GivenToOutsider : GivenTo, given);
            if (asker.Provider is { } provider)
                yield return (session, VouchedBy, provider);
            if (shared is not null)
                yield return (session, Shared, shared);
        }
        else if (shared is not null)
        {
            // One of the two accounts tells who asked, the other what was given.
            yield return (Entity.SharedSession(shared), GivenTo, given);
        }
    }

    /// <summary>The way from the call back to whoever stands behind it; null if the record itself tells all there is: a user, or a session of which nothing is known.</summary>
    public static ActorChain? Chain(EventContext e) => Bearer.Of(e.Identity) is { } caller ? Chain(caller, e.History) : null;

    /// <summary>The same, of who called.</summary>
    public static ActorChain? Chain(Bearer caller, Past? history)
    {
        var (who, kind, key) = (caller.Who, caller.Kind, caller.Key);
        var provider = default(string);
        var sessions = new List<ActorSession>();
        while (kind is not ActorKind.Instance && sessions.Count < LongestChain && Giver(history, key) is { } giver)
        {
            if (giver is { Kind: ActorKind.Service, Who: Ec2 })
            {
                // EC2 alone takes roles for its instances, and names the session as the instance.
                kind = ActorKind.Instance;
                break;
            }
            sessions.Add(new ActorSession(who, key, giver.Time));
            (who, kind, provider, key) = (giver.Who, giver.Kind, giver.Provider, giver.Key);
        }
        if (kind is ActorKind.Session or ActorKind.Outsider && caller.SourceIdentity is { } said)
        {
            sessions.Add(new ActorSession(who, key, null));
            (who, kind) = (said, ActorKind.SourceIdentity);
        }
        sessions.Reverse();
        return sessions.Count > 0 || kind is ActorKind.IdentityCenterUser or ActorKind.Instance or ActorKind.Service && caller.IsRole
            ? new ActorChain(who, kind, provider, sessions)
            : null;
    }

    private static string? Actor(EventContext e) => Chain(e)?.Actor ?? Caller.Actor(e.Root);

    private static bool? IsFederated(EventContext e) =>
        Caller.IsFederated(e.Identity) ? true
        : e.History is not { } history ? null
        : Chain(e) is { Kind: not (ActorKind.Session or ActorKind.SourceIdentity) } chain
            ? chain.Kind is ActorKind.SamlSubject or ActorKind.OidcSubject or ActorKind.IdentityCenterUser
        // The console gives its pages keys of their own, of which nobody saw the beginning.
        : Entity.Role(e.Identity.Member("sessionContext").Member("sessionIssuer").Text("arn")) is { } role
            && history.Find(role, Entity.OfSaml) is { Value: not null };

    private static Given? Giver(Past? history, string? key)
    {
        if (key is null || history is null)
            return null;
        var session = Entity.Session(key);
        var fact =
            history.Find(session, GivenTo)
            ?? (history.Find(session, Shared) is { Value: { } shared } ? history.Find(Entity.SharedSession(shared), GivenTo) : null)
            ?? history.Find(session, GivenToOutsider);
        return
            fact is { Value: { } value, Time: var time } && value.Split(' ', 3) is [var by, var word, var who] && Enum.TryParse<ActorKind>(word, out var kind)
            ? new Given(who, kind, history.Find(session, VouchedBy)?.Value, by is "-" ? null : by, time)
            : null;
    }

    /// <summary>Who was given a session, by which key, and when.</summary>
    private sealed record Given(string Who, ActorKind Kind, string? Provider, string? Key, DateTimeOffset Time);
}

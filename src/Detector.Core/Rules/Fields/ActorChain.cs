namespace Detector.Core.Rules.Fields;

/// <summary>From a session back to whoever stands behind it, as far as the trails that are read have told.</summary>
/// <param name="Actor">Who: an ARN, an identity provider's subject, or the best name that the trails hold. What <c>detector.history.actor</c> tells.</param>
/// <param name="Kind">What that is.</param>
/// <param name="Provider">The identity provider that vouches for a subject, as CloudTrail names it (<c>userIdentity.identityProvider</c>); else null.</param>
/// <param name="Sessions">The sessions on the way, the actor's own first, that of the call last; none if the call is the actor's own.</param>
/// <remarks>AWS Security Token Service API Reference; CloudTrail User Guide, "CloudTrail userIdentity element".</remarks>
public sealed record ActorChain(string Actor, ActorKind Kind, string? Provider, IReadOnlyList<ActorSession> Sessions);

/// <summary>A session between an actor and a call.</summary>
/// <param name="Name">Its ARN, or the best name for it. The end of a role session's ARN is its user's choice.</param>
/// <param name="AccessKeyId">The key of its temporary credentials, if it is known.</param>
/// <param name="Begun">When it was given, if that was seen.</param>
public sealed record ActorSession(string Name, string? AccessKeyId, DateTimeOffset? Begun);

/// <summary>What an actor is.</summary>
public enum ActorKind
{
    /// <summary>A session of which nobody has seen the beginning, or a caller that the record does not describe: the chain ends there.</summary>
    Session,

    /// <summary>An IAM user.</summary>
    User,

    /// <summary>The root user.</summary>
    Root,

    /// <summary>Somebody in another account whose trail is not read.</summary>
    Outsider,

    /// <summary>A user of IAM Identity Center.</summary>
    IdentityCenterUser,

    /// <summary>A subject of an OpenID Connect provider, such as a build pipeline.</summary>
    OidcSubject,

    /// <summary>A subject of a SAML provider.</summary>
    SamlSubject,

    /// <summary>An EC2 instance, which got its credentials from the instance metadata service.</summary>
    Instance,

    /// <summary>An AWS service, or what runs in one for somebody, such as a Lambda function.</summary>
    Service,

    /// <summary>Whoever the session's source identity names, which was set when the first session was taken and cannot be changed after.</summary>
    SourceIdentity,
}

/// <summary>Says what an actor is.</summary>
public static class ActorKinds
{
    /// <summary>The kind in words for people, such as <c>IAM user</c>.</summary>
    public static string Words(this ActorKind kind) =>
        kind switch
        {
            ActorKind.User => "IAM user",
            ActorKind.Root => "root user",
            ActorKind.Outsider => "from another account",
            ActorKind.IdentityCenterUser => "Identity Center user",
            ActorKind.OidcSubject => "OIDC subject",
            ActorKind.SamlSubject => "SAML subject",
            ActorKind.Instance => "EC2 instance",
            ActorKind.Service => "AWS service",
            ActorKind.SourceIdentity => "source identity",
            _ => "session, its beginning not seen",
        };
}

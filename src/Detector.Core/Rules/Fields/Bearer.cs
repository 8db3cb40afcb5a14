using System.Text.Json;

namespace Detector.Core.Rules.Fields;

/// <summary>Who called with which credentials, as the <c>userIdentity</c> of the record alone tells.</summary>
/// <param name="Who">The caller, as <see cref="Caller.Actor"/> names it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The access key of the credentials; null if none is told.</param>
/// <param name="IsRole">Whether it is a session of a role.</param>
/// <param name="Provider">The identity provider that vouched; null if none did.</param>
/// <param name="SourceIdentity">Who the session says stands behind it; null if it says nothing.</param>
/// <remarks>CloudTrail User Guide, "CloudTrail userIdentity element".</remarks>
internal sealed record Bearer(string Who, ActorKind Kind, string? Key, bool IsRole, string? Provider, string? SourceIdentity)
{
    /// <summary>The type of sessions of roles.</summary>
    public const string AssumedRole = "AssumedRole";

    /// <summary>Null if nobody is named.</summary>
    public static Bearer? Of(JsonElement identity)
    {
        if (Caller.ActorOf(identity) is not { } who)
            return null;
        var (type, session) = (identity.Text("type"), identity.Member("sessionContext"));
        var kind = KindOf(
            type,
            identity.Text("invokedBy"),
            session.Member("sessionIssuer").Text("arn"),
            session.Text("ec2RoleDelivery"),
            identity.Member("inScopeOf").Text("issuerType")
        );
        return new Bearer(
            who,
            kind,
            Caller.Some(identity.Text("accessKeyId")),
            type is AssumedRole,
            Caller.Some(identity.Text("identityProvider")),
            Caller.Some(session.Text("sourceIdentity"))
        );
    }

    /// <summary>
    /// What a caller is, by CloudTrail's <c>type</c>, <c>invokedBy</c>, <c>sessionContext.sessionIssuer.arn</c>, <c>sessionContext.ec2RoleDelivery</c> and
    /// <c>inScopeOf.issuerType</c>. Only what AWS itself writes into the record counts: whoever takes a role may name the session as an instance is named.
    /// </summary>
    public static ActorKind KindOf(string? type, string? invokedBy, string? issuer, string? delivery, string? scope) =>
        type switch
        {
            "IAMUser" => ActorKind.User,
            "Root" => ActorKind.Root,
            "AWSAccount" => ActorKind.Outsider,
            "AWSService" => ActorKind.Service,
            null when Caller.Some(invokedBy) is not null => ActorKind.Service,
            "WebIdentityUser" => ActorKind.OidcSubject,
            "SAMLUser" => ActorKind.SamlSubject,
            "IdentityCenterUser" => ActorKind.IdentityCenterUser,
            AssumedRole when Caller.IsIdentityCenterRole(issuer) => ActorKind.IdentityCenterUser,
            AssumedRole when Caller.Some(delivery) is not null || scope is "AWS::EC2::Instance" => ActorKind.Instance,
            AssumedRole when Caller.Some(scope) is not null => ActorKind.Service,
            _ => ActorKind.Session,
        };
}

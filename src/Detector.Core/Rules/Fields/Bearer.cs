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
    /// <summary>Null if nobody is named.</summary>
    public static Bearer? Of(JsonElement identity) =>
        Caller.ActorOf(identity) is { } who
            ? new Bearer(
                who,
                KindOf(identity),
                Some(identity.Text("accessKeyId")),
                identity.Text("type") == "AssumedRole",
                Some(identity.Text("identityProvider")),
                Some(identity.Member("sessionContext").Text("sourceIdentity"))
            )
            : null;

    /// <summary>Only what AWS itself writes into the record counts: whoever takes a role may name the session as an instance is named.</summary>
    private static ActorKind KindOf(JsonElement identity)
    {
        var session = identity.Member("sessionContext");
        return identity.Text("type") switch
        {
            "IAMUser" => ActorKind.User,
            "Root" => ActorKind.Root,
            "AWSAccount" => ActorKind.Outsider,
            "AWSService" => ActorKind.Service,
            null when Some(identity.Text("invokedBy")) is not null => ActorKind.Service,
            "WebIdentityUser" => ActorKind.OidcSubject,
            "SAMLUser" => ActorKind.SamlSubject,
            "IdentityCenterUser" => ActorKind.IdentityCenterUser,
            "AssumedRole" when Caller.IsIdentityCenterRole(session.Member("sessionIssuer").Text("arn")) => ActorKind.IdentityCenterUser,
            "AssumedRole" when session.Text("ec2RoleDelivery") is { Length: > 0 } || identity.Member("inScopeOf").Text("issuerType") is "AWS::EC2::Instance" =>
                ActorKind.Instance,
            "AssumedRole" when identity.Member("inScopeOf").Text("issuerType") is { Length: > 0 } => ActorKind.Service,
            _ => ActorKind.Session,
        };
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

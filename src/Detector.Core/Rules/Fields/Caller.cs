using System.Buffers;
using System.Text.Json;

namespace Detector.Core.Rules.Fields;

/// <summary>Who called, as the record alone tells.</summary>
/// <remarks>CloudTrail User Guide, "CloudTrail userIdentity element".</remarks>
internal static class Caller
{
    private const string Console = "signin.amazonaws.com";
    private const string IdentityCenterRole = "role/aws-reserved/sso.amazonaws.com/";

    private static readonly SearchValues<char> AfterProduct = SearchValues.Create("/ ;,]\"");

    /// <summary>
    /// Whether MFA was used: "yes", "no", or "unknown". A session says "true" or "false"; a call with a long-term key has no session, so no MFA; a
    /// session through an identity provider says "false" without knowing. Null where the record says nothing and no credentials of a user are in play.
    /// </summary>
    public static string? Mfa(JsonElement root)
    {
        var identity = root.Member("userIdentity");
        var more = root.Member("additionalEventData");
        if (more.Text("MFAUsed") is { } used)
        {
            // Whoever signs in with a role or by SAML was let in by an identity provider, which alone knows of MFA.
            return used.Equals("yes", StringComparison.OrdinalIgnoreCase) ? "yes"
                : identity.Text("type") == "AssumedRole" || IsFederated(identity) || more.Text("SamlProviderArn") is { Length: > 0 } ? "unknown"
                : "no";
        }
        var said = identity.Member("sessionContext").Member("attributes").Flag("mfaAuthenticated");
        if (said is { } mfa)
        {
            return mfa ? "yes"
                : IsFederated(identity) ? "unknown"
                : "no";
        }
        return IsFederated(identity) ? "unknown"
            : identity.Text("type") is "IAMUser" or "Root" or "AssumedRole" or "FederatedUser" ? "no"
            : identity.Text("accessKeyId")?.StartsWith("AKIA", StringComparison.Ordinal) == true ? "no"
            : null;
    }

    /// <summary>Whether the session came through an identity provider (Identity Center, OIDC, SAML), whose own MFA is not recorded.</summary>
    public static bool IsFederated(JsonElement identity)
    {
        var session = identity.Member("sessionContext");
        return identity.Text("type") is "SAMLUser" or "WebIdentityUser" or "IdentityCenterUser"
            || session.Member("webIdFederationData").Text("federatedProvider") is { Length: > 0 }
            || IsIdentityCenterRole(session.Member("sessionIssuer").Text("arn"));
    }

    /// <summary>Whether a service acted, be it for itself or on behalf of the caller; the console, before which a person sits, is none.</summary>
    public static bool IsService(JsonElement root)
    {
        var identity = root.Member("userIdentity");
        return root.Text("eventType") == "AwsServiceEvent"
            || identity.Text("type") == "AWSService"
            || identity.Text("invokedBy") is { Length: > 0 } invokedBy && invokedBy != Console;
    }

    /// <summary>Whether somebody used the root user itself: no service on its behalf, and no session that the organisation opened for one task.</summary>
    public static bool IsRoot(JsonElement root)
    {
        var identity = root.Member("userIdentity");
        return identity.Text("type") == "Root" && !IsService(root) && identity.Member("sessionContext").Flag("assumedRoot") != true;
    }

    /// <summary>
    /// Who acted: a user's or root's ARN, of a role session the role's ARN and the session's name, else the best that there is. A session's name is the caller's
    /// choice, unless the role is Identity Center's.
    /// </summary>
    public static string? Actor(JsonElement root) => ActorOf(root.Member("userIdentity"));

    /// <summary>The same of a <c>userIdentity</c> alone.</summary>
    public static string? ActorOf(JsonElement identity) =>
        Some(identity.Text("arn"))
        ?? Some(identity.Text("userName"))
        ?? Some(identity.Text("principalId"))
        ?? Some(identity.Text("invokedBy"))
        ?? Some(identity.Text("accountId"));

    /// <summary>The first product of the user agent; of Terraform, which puts others before itself, its own name.</summary>
    public static string? Program(JsonElement root)
    {
        if (root.Text("userAgent") is not { } agent)
            return null;
        var first = agent.AsSpan().TrimStart(" [\"");
        var end = first.IndexOfAny(AfterProduct);
        return agent.Contains("Terraform/", StringComparison.OrdinalIgnoreCase) ? "terraform"
            : Some((end < 0 ? first : first[..end]).ToString()) is { } name ? name.ToLowerInvariant()
            : null;
    }

    /// <summary>The account that the call is accounted to, which is where it happened.</summary>
    public static string? Account(JsonElement root)
    {
        var identity = root.Member("userIdentity");
        return Some(root.Text("recipientAccountId"))
            ?? Some(identity.Text("accountId"))
            ?? (Arn(identity) is [_, _, _, _, { Length: > 0 } account, _] ? account : null);
    }

    /// <summary>The IAM user that called, by its name or by the end of its ARN; null if the caller is none.</summary>
    public static string? User(JsonElement identity) =>
        identity.Text("type") != "IAMUser" ? null
        : Some(identity.Text("userName")) is { } name ? name
        : Arn(identity) is [.., var resource] && resource.StartsWith("user/", StringComparison.Ordinal) ? resource[(resource.LastIndexOf('/') + 1)..]
        : null;

    /// <summary>Whether a role is one that Identity Center has made: only AWS may make roles below its path.</summary>
    public static bool IsIdentityCenterRole(string? arn) =>
        // Few are: most need not be taken to pieces.
        arn?.Contains(IdentityCenterRole, StringComparison.Ordinal) == true
        && arn.Split(':', 6) is ["arn", _, "iam", _, _, var resource]
        && resource.StartsWith(IdentityCenterRole, StringComparison.Ordinal);

    private static string[]? Arn(JsonElement identity) => identity.Text("arn")?.Split(':', 6) is { Length: 6 } parts ? parts : null;

    /// <summary>A text that tells something; null for an empty one.</summary>
    public static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

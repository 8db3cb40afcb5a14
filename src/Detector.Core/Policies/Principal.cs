namespace Detector.Core.Policies;

/// <summary>Somebody whom a policy names.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As the policy writes it.</param>
/// <param name="AccountId">Its account's 12 digits, if the text tells.</param>
/// <param name="Partition">The partition of its ARN, if it is one.</param>
public sealed record Principal(PrincipalKind Kind, string Text, string? AccountId = null, string? Partition = null)
{
    private static readonly string[] SharedIssuers =
    [
        "token.actions.githubusercontent.com",
        "gitlab.com",
        "app.terraform.io",
        "agent.buildkite.com",
        "oidc.circleci.com",
        "api.bitbucket.org",
        "oidc.vercel.com",
        "accounts.google.com",
        "graph.facebook.com",
        "www.amazon.com",
        "cognito-identity.amazonaws.com",
    ];

    /// <summary>What begins the issuers of single customers of those; the customer follows. None of them serves everybody under such a path.</summary>
    /// <remarks>
    /// GitHub, "Customizing the issuer value for an enterprise"; CircleCI, "Using OpenID Connect tokens in jobs"; Vercel, "OpenID Connect (OIDC) Federation
    /// Reference"; Bitbucket, "Deploy on AWS using Bitbucket Pipelines OpenID Connect".
    /// </remarks>
    private static readonly string[] TenantIssuers =
    [
        "token.actions.githubusercontent.com/",
        "oidc.circleci.com/org/",
        "oidc.vercel.com/",
        "api.bitbucket.org/2.0/workspaces/",
    ];

    /// <summary>The issuer of an OIDC provider, as its claims' condition keys begin; else null.</summary>
    public string? Issuer =>
        Kind != PrincipalKind.OidcProvider ? null
        : Text.IndexOf(":oidc-provider/", StringComparison.Ordinal) is >= 0 and var at ? Text[(at + ":oidc-provider/".Length)..]
        : Text;

    /// <summary>Whether the issuer serves everybody, so that only the token's claims tell one customer from another.</summary>
    internal bool HasSharedIssuer =>
        Issuer is { } issuer && !HasTenantIssuer && SharedIssuers.Any(shared => issuer.Split('/')[0].Equals(shared, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the issuer names one customer in its path, and gives tokens to nobody else.</summary>
    internal bool HasTenantIssuer =>
        Issuer is { } issuer && TenantIssuers.Any(tenant => issuer.Length > tenant.Length && issuer.StartsWith(tenant, StringComparison.OrdinalIgnoreCase));

    /// <summary>A principal by the key it stands under and its text.</summary>
    internal static Principal Of(string type, string text)
    {
        if (text.AsSpan().Trim('*').IsEmpty && text.Length > 0)
        {
            return new Principal(type.Equals("Service", StringComparison.OrdinalIgnoreCase) ? PrincipalKind.Service : PrincipalKind.Everyone, text);
        }
        return type.ToUpperInvariant() switch
        {
            "SERVICE" => new Principal(PrincipalKind.Service, text),
            "CANONICALUSER" => new Principal(PrincipalKind.CanonicalUser, text),
            "FEDERATED" => Federated(text),
            _ => Aws(text),
        };
    }

    private static Principal Federated(string text)
    {
        var arn = text.Split(':', 6);
        var kind =
            arn is [.., var resource] && resource.StartsWith("saml-provider/", StringComparison.Ordinal)
                ? PrincipalKind.SamlProvider
                : PrincipalKind.OidcProvider;
        return arn.Length == 6 ? new Principal(kind, text, arn[4], arn[1]) : new Principal(kind, text);
    }

    private static Principal Aws(string text)
    {
        if (IsAccount(text))
        {
            return new Principal(PrincipalKind.Account, text, text);
        }
        if (text.Split(':', 6) is not ["arn", var partition, _, _, var account, var resource])
        {
            // What is left of a user, role or group that was deleted: its unique id.
            var isId = text.Length >= 16 && text[0] == 'A' && text.All(char.IsAsciiLetterOrDigit);
            return new Principal(isId ? PrincipalKind.Deleted : PrincipalKind.Unknown, text);
        }
        if (Wildcard.First(account) >= 0)
        {
            return new Principal(PrincipalKind.Everyone, text, null, partition);
        }
        var kind = resource.Split('/')[0] switch
        {
            "root" => PrincipalKind.Account,
            "user" => PrincipalKind.User,
            "role" => PrincipalKind.Role,
            "assumed-role" => PrincipalKind.RoleSession,
            "federated-user" => PrincipalKind.FederatedUser,
            _ => PrincipalKind.Unknown,
        };
        return new Principal(kind, text, IsAccount(account) ? account : null, partition);
    }

    internal static bool IsAccount(string text) => text.Length == 12 && text.All(char.IsAsciiDigit);
}

/// <summary>What a principal is.</summary>
public enum PrincipalKind
{
    /// <summary>A text that is none of the others.</summary>
    Unknown,

    /// <summary><c>*</c>, or everybody whom a NotPrincipal does not name.</summary>
    Everyone,

    /// <summary>An account, and with it whomever its administrators choose.</summary>
    Account,

    /// <summary>A user of IAM.</summary>
    User,

    /// <summary>A role.</summary>
    Role,

    /// <summary>One session of a role.</summary>
    RoleSession,

    /// <summary>A session that GetFederationToken made.</summary>
    FederatedUser,

    /// <summary>A service of AWS.</summary>
    Service,

    /// <summary>Whom an OpenID Connect provider vouches for.</summary>
    OidcProvider,

    /// <summary>Whom a SAML provider vouches for.</summary>
    SamlProvider,

    /// <summary>An account by its canonical id, as S3 knows it.</summary>
    CanonicalUser,

    /// <summary>The unique id of somebody deleted, whom nobody can be again.</summary>
    Deleted,
}

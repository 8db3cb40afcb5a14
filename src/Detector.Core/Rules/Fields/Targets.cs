using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>On whom a request acts.</summary>
internal static class Targets
{
    private static readonly HashSet<string> NameUsers = new(StringComparer.Ordinal)
    {
        "AddUserToGroup",
        "AttachUserPolicy",
        "ChangePassword",
        "CreateAccessKey",
        "CreateLoginProfile",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteUserPermissionsBoundary",
        "DetachUserPolicy",
        "EnableMFADevice",
        "PutUserPermissionsBoundary",
        "PutUserPolicy",
        "RemoveUserFromGroup",
        "UpdateAccessKey",
        "UpdateLoginProfile",
    };

    /// <summary>The IAM user that a request is about: the one it names, else the calling user; null if it is about none.</summary>
    public static string? User(EventContext e) =>
        e.Source == "iam.amazonaws.com" && e.Name is { } name && NameUsers.Contains(name) ? e.Request.Text("userName") ?? Caller.User(e.Identity) : null;

    /// <summary>Who gets the policy whose document a request holds, as far as it tells.</summary>
    public static PolicyHolder Holder(EventContext e) =>
        e.Source == "sso.amazonaws.com"
            ? new PolicyHolder(null, PrincipalKind.Role)
            : (Caller.Account(e.Root), e.Name) switch
            {
                (var account, "PutUserPolicy") => new PolicyHolder(account, PrincipalKind.User, e.Request.Text("userName")),
                (var account, "PutRolePolicy") => new PolicyHolder(account, PrincipalKind.Role, e.Request.Text("roleName")),
                (var account, "PutGroupPolicy") => new PolicyHolder(account, PrincipalKind.User),
                var (account, _) => new PolicyHolder(account),
            };

    /// <summary>Whether the request is about the caller itself.</summary>
    public static bool? IsSelf(EventContext e)
    {
        if (e.Source != "iam.amazonaws.com" || e.Name is not { } name || !NameUsers.Contains(name))
            return null;
        // IAM compares user names without case. A user may be named as a role's session is: only users can be meant.
        return e.Request.Text("userName") is not { } user || user.Equals(Caller.User(e.Identity), StringComparison.OrdinalIgnoreCase);
    }
}

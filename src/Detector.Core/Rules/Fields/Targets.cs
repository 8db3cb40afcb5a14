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

    /// <summary>Whether the request is about the caller itself.</summary>
    public static bool? IsSelf(EventContext e)
    {
        if (e.Source != "iam.amazonaws.com" || e.Name is not { } name || !NameUsers.Contains(name))
            return null;
        // IAM compares user names without case. A user may be named as a role's session is: only users can be meant.
        return e.Request.Text("userName") is not { } user || user.Equals(Caller.User(e.Identity), StringComparison.OrdinalIgnoreCase);
    }
}

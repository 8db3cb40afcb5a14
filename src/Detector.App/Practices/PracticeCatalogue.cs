namespace Detector.App.Practices;

/// <summary>
/// The practices for IAM and EC2 key pairs that Detector watches, each with what CloudTrail cannot show of it. Sources: IAM User Guide, "Security best
/// practices in IAM" and "Root user best practices"; EC2 User Guide, "Amazon EC2 key pairs" and "Security groups"; CloudTrail User Guide, "CloudTrail record
/// contents" and "Security best practices".
/// </summary>
internal static class PracticeCatalogue
{
    /// <summary>All of them, in the order in which people are shown them.</summary>
    public static IReadOnlyList<Practice> All { get; } =
    [
        new(
            "no-root",
            "Leave the root user alone, and give it no access keys",
            ["root-usage", "root-access-key-created", "root-access-key-usage"],
            "Keys of the root user that exist and are never used.",
            "The credential report names them: history.credentialReport.",
            new TrailNeeds(ReadEvents: true)
        ),
        new(
            "least-privilege",
            "Grant least privilege, and administration to few",
            ["admin-grant", "privilege-escalation", "too-many-admins", "iam-write-omitted"],
            "Grants from before the trail, documents too large for it, and what permissions boundaries and service control policies take away again.",
            "A write whose document CloudTrail left out raises an alert of its own; so does the number of administrators seen.",
            Days(90)
        ),
        new(
            "privileged-with-condition",
            "Tie privileged access to conditions: MFA, source or organisation",
            ["privileged-without-condition"],
            "Conditions that service control policies and endpoint policies impose.",
            "The conditions of the policy itself.",
            default
        ),
        new("groups-not-users", "Give permissions to groups and roles, not to single users", ["direct-user-policy"], "", "", default),
        new(
            "mfa-everyone",
            "Have everybody use MFA",
            ["console-login-without-mfa", "mfa-deactivated", "user-without-mfa"],
            "MFA at an identity provider (Identity Center, SAML, OIDC), and devices registered before the trail.",
            "detector.mfa is then unknown; the credential report tells of older devices.",
            Days(90)
        ),
        new(
            "keys-with-mfa",
            "Make access keys only with MFA",
            ["access-key-created-without-mfa"],
            "MFA at an identity provider.",
            "Key creation by users of the account's own.",
            default
        ),
        new(
            "password-policy",
            "Keep a strong password policy",
            ["password-policy-weakened", "password-expiry-missing"],
            "A policy that was weak from the start, and the passwords themselves.",
            "Each change of the policy is judged as a whole.",
            default
        ),
        new(
            "individual-users",
            "Give everybody a user of their own, and share no keys",
            ["access-key-shared", "login-profile-created-or-changed"],
            "People who share one machine, address and program.",
            "One key from many addresses or by many programs within a window; a password that somebody else set.",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(1))
        ),
        new(
            "rotate-keys",
            "Rotate access keys, and retire those that nobody uses",
            ["access-key-old", "access-key-reactivated"],
            "The age of keys from before the trail.",
            "The credential report tells it: history.credentialReport.",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(90))
        ),
        new(
            "third-parties",
            "Let third parties in by roles with an external id",
            ["cross-account-trust-added"],
            "Trust from before the trail, and whether the party outside keeps its external id secret.",
            "Each trust policy that is written, and AssumeRole by another account.",
            default
        ),
        new(
            "role-each",
            "Make a role for each purpose, not one for everybody",
            ["role-shared"],
            "Who is behind a session: callers choose its name, and services assume roles out of sight.",
            "The number of principals and addresses that use a role.",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(30))
        ),
        new(
            "roles-for-instances",
            "Give applications on EC2 a role, not keys",
            ["instance-credentials-elsewhere", "instance-without-role"],
            "Keys that lie on an instance, and the instance metadata service.",
            "Instances launched without a profile; one instance's credentials at two public addresses.",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromHours(12))
        ),
        new(
            "key-pair-origin",
            "Know where key pairs come from",
            ["key-pair-import", "key-pair-created"],
            "Whether a private key has a passphrase, and who holds a copy.",
            "Each key pair that is imported or made, the same fingerprint in several accounts, and a name that is taken over.",
            Days(1)
        ),
        new(
            "rotate-key-pairs",
            "Rotate key pairs, and delete those that nobody uses",
            ["key-pair-old", "key-pair-unused"],
            "Keys put into authorized_keys by hand or by user data, and key pairs from before the trail.",
            "The answer of describe-key-pairs tells of older ones: history.keyPairs.",
            Days(90)
        ),
        new(
            "ssh-closed",
            "Open no SSH to the world",
            ["security-group-opens-22-to-world"],
            "The port that sshd listens on inside the host, host firewalls, and groups opened before the trail.",
            "Every rule that opens port 22 to all addresses, or to half of them.",
            default
        ),
        new(
            "ssh-with-mfa",
            "Ask for MFA at SSH, and keep private keys out of temporary folders",
            ["ssh-key-pushed"],
            "Sessions of SSH, how they are authenticated, and files on any host.",
            "Keys pushed by EC2 Instance Connect or the serial console, sessions of Systems Manager without MFA, the Windows password read; with data events, key files read from S3.",
            new TrailNeeds(ReadEvents: true)
        ),
        new(
            "no-hijack",
            "Notice an account in the wrong hands",
            ["denied-burst", "account-takeover"],
            "How credentials were stolen, and calls that services do not log.",
            "Many distinct calls denied, then success; recovery, sign-in, a change of MFA, then a key.",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(1))
        ),
        new(
            "audit-trail",
            "Protect the audit trail, and this detector",
            ["trail-tampering", "detector-tampering"],
            "Everything that happens once the trail stands still; single files deleted, unless data events are recorded.",
            "The call that stops, narrows or redirects the trail is itself recorded; log file validation tells of missing files.",
            new TrailNeeds(DataEvents: true, History: TimeSpan.FromDays(90))
        ),
    ];

    /// <summary>The practice that a detection belongs to, or null.</summary>
    public static Practice? Of(string detection) => All.FirstOrDefault(practice => practice.Detections.Contains(detection, StringComparer.Ordinal));

    private static TrailNeeds Days(int days) => new(History: TimeSpan.FromDays(days));
}

namespace Detector.App.Practices;

/// <summary>
/// The practices for IAM and EC2 key pairs that Detector watches, each with what CloudTrail cannot show of it. Sources: IAM User Guide, "Security best
/// practices in IAM" and "Root user best practices"; EC2 User Guide, "Amazon EC2 key pairs" and "Security groups"; CloudTrail User Guide, "CloudTrail record
/// contents" and "Security best practices".
/// </summary>
internal static class PracticeCatalogue
{
    private const string Iam = "iam.amazonaws.com";
    private const string IdentityCenter = "sso.amazonaws.com";
    private const string SignIn = "signin.amazonaws.com";
    private const string Sts = "sts.amazonaws.com";
    private const string Ec2 = "ec2.amazonaws.com";
    private const string InstanceConnect = "ec2-instance-connect.amazonaws.com";
    private const string SystemsManager = "ssm.amazonaws.com";
    private const string CloudTrail = "cloudtrail.amazonaws.com";

    /// <summary>All of them, in the order in which people are shown them.</summary>
    public static IReadOnlyList<Practice> All { get; } =
    [
        new(
            "no-root",
            "Leave the root user alone, and give it no access keys",
            [new("root-usage"), new("root-access-key-created", Iam), new("root-access-key-usage"), new("root-task-session") { IsSign = true }],
            "Keys of the root user that exist and are never used.",
            "The credential report names them: history.credentialReport.",
            "The credential report; AWS Config (iam-root-access-key-check, root-account-mfa-enabled).",
            new TrailNeeds(ReadEvents: true)
        ),
        new(
            "least-privilege",
            "Grant least privilege, and administration to few",
            [
                new("admin-grant", Iam, IdentityCenter),
                new("privilege-escalation", Iam, IdentityCenter),
                new("too-many-admins", Iam, IdentityCenter),
                new("iam-write-omitted", Iam, IdentityCenter) { IsSign = true },
            ],
            "Grants from before the trail, documents too large for it, and what permissions boundaries and service control policies take away again.",
            "A write whose document CloudTrail left out raises an alert of its own; so does the number of administrators seen.",
            "IAM Access Analyzer (unused access); AWS Config (iam-policy-no-statements-with-admin-access); aws iam get-account-authorization-details.",
            Days(90)
        ),
        new(
            "privileged-with-condition",
            "Tie privileged access to conditions: MFA, source or organisation",
            [
                new("privileged-without-condition", Iam, IdentityCenter),
                // Granted without any condition that counts; that of a role's trust may still be there.
                new("admin-grant", Iam, IdentityCenter) { IsSign = true, IsBorrowed = true },
                new("privilege-escalation", Iam, IdentityCenter) { IsSign = true, IsBorrowed = true },
            ],
            "Conditions that service control policies and endpoint policies impose.",
            "The conditions of the policy itself.",
            "IAM Access Analyzer (policy checks); the service control policies (aws organizations list-policies).",
            default
        ),
        new(
            "groups-not-users",
            "Give permissions to groups and roles, not to single users",
            [new("direct-user-policy", Iam)],
            "",
            "",
            "AWS Config (iam-user-no-policies-check) tells of policies that were there before.",
            default
        ),
        new(
            "mfa-everyone",
            "Have everybody use MFA",
            [
                new("console-login-without-mfa", SignIn),
                new("mfa-deactivated", Iam),
                new("user-without-mfa", Iam) { IsSign = true, Least = TimeSpan.FromDays(1) },
            ],
            "MFA at an identity provider (Identity Center, SAML, OIDC), and devices registered before the trail.",
            "detector.mfa is then unknown; the credential report tells of older devices.",
            "The credential report; AWS Config (mfa-enabled-for-iam-console-access, root-account-mfa-enabled); the identity provider's sign-in log.",
            Days(90),
            Seed.CredentialReport
        ),
        new(
            "keys-with-mfa",
            "Make access keys only with MFA",
            [new("access-key-created-without-mfa", Iam)],
            "MFA at an identity provider.",
            "Key creation by users of the account's own.",
            "The identity provider's sign-in log.",
            default
        ),
        new(
            "password-policy",
            "Keep a strong password policy",
            [new("password-policy-weakened", Iam), new("password-expiry-missing", Iam)],
            "A policy that was weak from the start, and the passwords themselves.",
            "Each change of the policy is judged as a whole.",
            "AWS Config (iam-password-policy); aws iam get-account-password-policy.",
            default
        ),
        new(
            "individual-users",
            "Give everybody a user of their own, and share no keys",
            [new("access-key-shared") { IsSign = true }, new("login-profile-created-or-changed", Iam) { IsSign = true }],
            "People who share one machine, address and program.",
            "One key from many addresses within a window; a password that somebody else set.",
            "The credential report (who has a password, a key, or both); asking the people.",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(1))
        ),
        new(
            "rotate-keys",
            "Rotate access keys, and retire those that nobody uses",
            [new("access-key-old") { Least = TimeSpan.FromDays(7), IsSeeded = true }, new("access-key-reactivated", Iam)],
            "The age of keys from before the trail.",
            "The credential report tells it: history.credentialReport.",
            "The credential report; AWS Config (access-keys-rotated, iam-user-unused-credentials-check).",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(90)),
            Seed.CredentialReport
        ),
        new(
            "third-parties",
            "Let third parties in by roles with an external id",
            [new("cross-account-trust-added", Iam)],
            "Trust from before the trail, and whether the party outside keeps its external id secret.",
            "Each trust policy that is written, and AssumeRole by another account.",
            "IAM Access Analyzer (external access).",
            default
        ),
        new(
            "role-each",
            "Make a role for each purpose, not one for everybody",
            [new("role-shared", Sts) { IsSign = true }],
            "Who is behind a session: callers choose its name, and services assume roles out of sight.",
            "The number of principals and addresses that use a role.",
            "IAM's last accessed information of each role; source identity (sts:SourceIdentity), if roles ask for it.",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(30))
        ),
        new(
            "roles-for-instances",
            "Give applications on EC2 a role, not keys",
            [new("instance-credentials-elsewhere") { IsSign = true }, new("instance-without-role", Ec2) { IsSign = true }],
            "Keys that lie on an instance, and the instance metadata service.",
            "Instances launched without a profile; one instance's credentials at two public addresses.",
            "AWS Config (ec2-instance-profile-attached, ec2-imdsv2-check); GuardDuty (InstanceCredentialExfiltration).",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromHours(12))
        ),
        new(
            "key-pair-origin",
            "Know where key pairs come from",
            [new("key-pair-import", Ec2) { IsSign = true }, new("key-pair-created", Ec2) { IsSign = true }],
            "Whether a private key has a passphrase, and who holds a copy.",
            "Each key pair that is imported or made, the same fingerprint in several accounts, and a name that is taken over.",
            "aws ec2 describe-key-pairs; the passphrase only the machine that holds the key.",
            Days(1)
        ),
        new(
            "rotate-key-pairs",
            "Rotate key pairs, and delete those that nobody uses",
            [new("key-pair-old", Ec2) { Least = TimeSpan.FromDays(365), IsSeeded = true }, new("key-pair-unused", Ec2) { Least = TimeSpan.FromDays(30) }],
            "Keys put into authorized_keys by hand or by user data, and key pairs from before the trail.",
            "The answer of describe-key-pairs tells of older ones: history.keyPairs.",
            "aws ec2 describe-key-pairs (CreateTime) beside describe-instances (KeyName); authorized_keys on the hosts.",
            Days(365),
            Seed.KeyPairs
        ),
        new(
            "ssh-closed",
            "Open no SSH to the world",
            [new("security-group-opens-22-to-world", Ec2)],
            "The port that sshd listens on inside the host, host firewalls, and groups opened before the trail.",
            "Every rule that opens port 22 to all addresses, or to half of them.",
            "AWS Config (restricted-ssh); Network Access Analyzer; the host's sshd_config.",
            default
        ),
        new(
            "ssh-with-mfa",
            "Ask for MFA at SSH, and keep private keys out of temporary folders",
            [new("ssh-key-pushed", Ec2, InstanceConnect, SystemsManager) { IsSign = true }],
            "Sessions of SSH, how they are authenticated, and files on any host.",
            "Keys pushed by EC2 Instance Connect or the serial console, sessions of Systems Manager without MFA, the Windows password read; with data events, key files read from S3.",
            "The hosts' own logs of sshd and PAM; Session Manager's session logs; a search of the hosts' files.",
            new TrailNeeds(ReadEvents: true)
        )
        {
            HasOnlyProxies = true,
        },
        new(
            "no-hijack",
            "Notice an account in the wrong hands",
            [new("denied-burst") { IsSign = true }, new("account-takeover", SignIn) { IsSign = true }],
            "How credentials were stolen, and calls that services do not log.",
            "Many distinct calls denied, then success; recovery, sign-in, a change of MFA, then a key.",
            "GuardDuty; messages of AWS about exposed keys (AWS Health).",
            new TrailNeeds(ReadEvents: true, History: TimeSpan.FromDays(1))
        ),
        new(
            "audit-trail",
            "Protect the audit trail, and this detector",
            [new("trail-tampering", CloudTrail), new("detector-tampering") { IsSign = true }],
            "Everything that happens once the trail stands still; single files deleted, unless data events are recorded.",
            "The call that stops, narrows or redirects the trail is itself recorded; log file validation tells of missing files.",
            "aws cloudtrail validate-logs; AWS Config (cloud-trail-enabled, cloud-trail-log-file-validation-enabled); the S3 access log of the bucket.",
            new TrailNeeds(DataEvents: true, History: TimeSpan.FromDays(90))
        ),
    ];

    /// <summary>
    /// Shipped rules, by name, that only hint, whatever the rest of their detection shows: they go by what a thing is called, or tell of what a practice allows.
    /// </summary>
    public static IReadOnlySet<string> HintingRules { get; } =
        new HashSet<string>(StringComparer.Ordinal) { "user-added-to-admin-group", "trail-bucket-tampering", "cross-account-trust-with-external-id" };

    /// <summary>The practice that a detection belongs to, or null.</summary>
    public static Practice? Of(string detection) => All.FirstOrDefault(practice => practice.Detections.Contains(detection, StringComparer.Ordinal));

    private static TrailNeeds Days(int days) => new(History: TimeSpan.FromDays(days));
}

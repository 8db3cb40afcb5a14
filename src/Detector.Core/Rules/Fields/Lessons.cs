namespace Detector.Core.Rules.Fields;

/// <summary>What history must be told of so that a derived field can be answered.</summary>
[Flags]
internal enum Lessons
{
    /// <summary>Nothing: the record itself suffices.</summary>
    None = 0,

    /// <summary>Changes of users, groups, roles, their policies, keys, passwords and MFA devices.</summary>
    Identities = 1,

    /// <summary>On which days a long-term access key was used.</summary>
    KeyUse = 2,

    /// <summary>Key pairs and the instances launched with them.</summary>
    KeyPairs = 4,

    /// <summary>Trails, where they write and how they encrypt.</summary>
    Trails = 8,

    /// <summary>Users who signed in to the console.</summary>
    SignIns = 16,

    /// <summary>Permission sets of IAM Identity Center and their policies.</summary>
    PermissionSets = 32,

    /// <summary>Buckets that CloudTrail looks after before it writes into them.</summary>
    TrailBuckets = 128,

    /// <summary>Roles that people take by SAML.</summary>
    SamlRoles = 256,

    /// <summary>Who was given temporary credentials.</summary>
    Sessions = 64,
}

namespace Detector.Core.Rules.Fields;

/// <summary>Names of the things that history knows, and of the facts about them. IAM compares its names without case.</summary>
internal static class Entity
{
    /// <summary>A fact of every entity that was made before our eyes.</summary>
    public const string Created = "created";

    /// <summary>A fact that takes back all others of its entity up to its time.</summary>
    public const string Gone = "gone";

    /// <summary>A fact of a role: that people take it by SAML.</summary>
    public const string OfSaml = "saml";

    /// <summary>A fact of a key pair's id: which key pair it is.</summary>
    public const string Named = "named";

    /// <summary>A fact of a bucket: that a trail writes into it.</summary>
    public const string OfTrail = "trail";

    /// <summary>Begins the names of customers' managed policies.</summary>
    public const string Policies = "policy ";

    /// <summary>Begins the names of trails.</summary>
    public const string Trails = "trail ";

    /// <summary>A fact of an account: what its owner calls it.</summary>
    public const string Alias = "alias";

    /// <summary>Begins the names of facts about a user's keys of which only the age is known.</summary>
    public const string ReportedKey = "key:credential report ";

    /// <summary>Begins the names of sessions.</summary>
    public const string Sessions = "session ";

    public static string Account(string id) => $"account {id}";

    public static string User(string account, string name) => $"user {account} {name.ToLowerInvariant()}";

    public static string Group(string account, string name) => $"group {account} {name.ToLowerInvariant()}";

    public static string Role(string account, string name) => $"role {account} {name.ToLowerInvariant()}";

    /// <summary>A role by its ARN, whatever path it has; null if the ARN is another's.</summary>
    public static string? Role(string? arn) =>
        arn?.Split(':', 6) is ["arn", _, "iam", _, var account, var resource] && resource.StartsWith("role/", StringComparison.Ordinal)
            ? Role(account, resource[(resource.LastIndexOf('/') + 1)..])
            : null;

    /// <summary>A customer's managed policy, by its ARN.</summary>
    public static string Policy(string arn) => $"{Policies}{arn.ToLowerInvariant()}";

    /// <summary>A permission set of Identity Center, by its ARN.</summary>
    public static string PermissionSet(string arn) => $"permissionset {arn.ToLowerInvariant()}";

    public static string AccessKey(string id) => $"key {id}";

    /// <summary>A session by the key of its temporary credentials, which no other has.</summary>
    public static string Session(string key) => $"{Sessions}{key}";

    /// <summary>A session by the id that the records of two accounts share, where its key is not told.</summary>
    public static string SharedSession(string sharedEventId) => $"{Sessions}shared {sharedEventId}";

    /// <summary>A key pair lives in a region; its name keeps its case.</summary>
    public static string KeyPair(string account, string region, string name) => $"keypair {account} {region} {name}";

    /// <summary>A key pair by its id, by which it may be deleted.</summary>
    public static string KeyPairId(string id) => $"keypairid {id}";

    /// <summary>A bucket by its name, which no other account has.</summary>
    public static string Bucket(string name) => $"bucket {name}";

    /// <summary>A trail by its name, which is unique in its home region.</summary>
    public static string Trail(string account, string name) => $"{Trails}{account} {name}";
}

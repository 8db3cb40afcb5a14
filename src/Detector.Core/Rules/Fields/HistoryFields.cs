using System.Text.Json;
using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>What the trail has told before the event, or with it: of keys, users, groups, policies, key pairs and trails.</summary>
internal static class HistoryFields
{
    public static DerivedField[] All { get; } =
    [
        DerivedField.Flag(
            "detector.history.policyAdministrative",
            "Whether the customer managed policy that a request attaches, or the version that it makes the default, was seen to allow administration. Absent if its "
                + "document was never seen.",
            e => PolicyOf(e)?.IsAdministrative,
            Lessons.Identities
        ),
        new(
            "detector.history.policyEscalation",
            "texts",
            "The paths to more privileges that the customer managed policy opens which a request attaches, or the version that it makes the default.",
            e => PolicyOf(e) is { } answers ? PolicyFields.Open(answers) : [],
            Lessons.Identities
        ),
        new(
            "detector.history.joinedEscalation",
            "texts",
            "The paths to more privileges that the policy which a request gives a user, group or role opens only together with the other policies that they were seen to "
                + "have, and that were not open before.",
            Joined,
            Lessons.Identities
        ),
        DerivedField.Flag(
            "detector.history.groupAdministrative",
            "Whether the group that a user is put into was seen to be granted administration. Absent if it was not, unless the group was seen from its making on and all "
                + "that it was granted is known.",
            IsAdministrativeGroup,
            Lessons.Identities
        ),
        new(
            "detector.history.groupEscalation",
            "texts",
            "The paths to more privileges that the grants of the group open which a user is put into.",
            e => GroupOf(e) is { } answers ? PolicyFields.Open(answers) : [],
            Lessons.Identities
        ),
        DerivedField.Flag(
            "detector.history.permissionSetAdministrative",
            "Whether the permission set that a request of Identity Center assigns was seen to be granted administration. Absent if none of its policies was seen.",
            e => PermissionSetOf(e)?.IsAdministrative,
            Lessons.PermissionSets | Lessons.Identities
        ),
        new(
            "detector.history.permissionSetEscalation",
            "texts",
            "The paths to more privileges that the policies of the permission set open which a request of Identity Center assigns.",
            e => PermissionSetOf(e) is { } answers ? PolicyFields.Open(answers) : [],
            Lessons.PermissionSets | Lessons.Identities
        ),
        DerivedField.Flag(
            "detector.history.boundaryOpen",
            "Whether the policy that a request makes the permissions boundary of a user or role is known, or was seen, to allow everything, so that it bounds nothing. "
                + "Absent if its document was never seen.",
            e => BoundaryOf(e) is { } answers ? answers.Administration == Administration.Everything : null,
            Lessons.Identities
        ),
        DerivedField.Number(
            "detector.history.administrators",
            "How many users and roles of the account were seen to be granted administration, themselves or by a group, and not to lose it again, after the event. A group "
                + "without a known member counts as one.",
            e => Caller.Account(e.Root) is { } account && e.History is { } history ? KnownGrants.Administrators(history, account) : null,
            Lessons.Identities
        ),
        DerivedField.Number(
            "detector.history.accessKeyAgeDays",
            "Days since the access key was created: the key that a request names, else the caller's. Absent if that was not seen, unless a credential report tells the "
                + "age of every key of the caller: the youngest then counts.",
            e => DaysSince(e, Key(e) is { } key ? Since(e.History?.Find(Entity.AccessKey(key), Entity.Created)) ?? Reported(e) : null),
            Lessons.Identities
        ),
        DerivedField.Number(
            "detector.history.accessKeyIdleDays",
            "Days since the access key was last used on an earlier day, or was created: the key that a request names, else the caller's. Absent if neither was seen.",
            e => DaysSince(e, Key(e) is { } key ? LastUse(e, key) : null),
            Lessons.Identities | Lessons.KeyUse
        ),
        DerivedField.Number(
            "detector.history.callerKeyIdleDays",
            "Days since the caller's access key was last used on an earlier day, or was created, whatever key the request names. Absent if neither was seen.",
            e => DaysSince(e, e.Identity.Text("accessKeyId") is { } key ? LastUse(e, key) : null),
            Lessons.Identities | Lessons.KeyUse
        ),
        DerivedField.Number(
            "detector.history.activeAccessKeys",
            "How many active access keys the user that the request is about was seen to have, after the event.",
            e => OfUser(e, "key:")?.Count(fact => fact.Fact.Value == "Active"),
            Lessons.Identities
        ),
        DerivedField.Number(
            "detector.history.olderAccessKeys",
            "How many access keys of the user that the request is about were seen to be active before the event and are still.",
            e =>
                UserEntity(e) is { } user && e.Time is { } time
                    ? OfUser(e, "key:")?.Count(fact => fact.Fact.Value == "Active" && e.History!.Before(time, user, fact.Name) is { Value: "Active" })
                    : null,
            Lessons.Identities
        ),
        DerivedField.Number(
            "detector.history.mfaDevices",
            "How many MFA devices the user that the request is about was seen to have, after the event.",
            e => OfUser(e, "mfa:")?.Count(),
            Lessons.Identities
        ),
        DerivedField.Flag(
            "detector.history.hasPassword",
            "Whether the user that the request is about was seen to have a console password, after the event. Absent if nothing was seen of it.",
            e => UserFact(e, "password") is { } password ? password.Value is not null : null,
            Lessons.Identities
        ),
        DerivedField.Number(
            "detector.history.userIdleDays",
            "Days since the user that the request is about last used an access key, signed in to the console, or was created. Absent if none of it was seen.",
            e => DaysSince(e, UserEntity(e) is { } user ? Newest(Before(e, user, "seen"), Since(UserFact(e, Entity.Created))) : null),
            Lessons.Identities | Lessons.KeyUse | Lessons.SignIns
        ),
        DerivedField.Number(
            "detector.history.keyPairAgeDays",
            "Days since the key pair that a request names was created or imported. Absent if that was not seen.",
            e => DaysSince(e, Since(KeyPairFact(e, Entity.Created))),
            Lessons.KeyPairs
        ),
        DerivedField.Flag(
            "detector.history.keyPairExists",
            "Whether the key pair that a request names was seen to be created or imported and not to be deleted since.",
            e => KeyPairFact(e, Entity.Created) is { Value: not null },
            Lessons.KeyPairs
        ),
        DerivedField.Flag(
            "detector.history.keyPairUsed",
            "Whether an instance was seen to be launched with the key pair that a request names.",
            e => KeyPairFact(e, "launched") is { Value: not null },
            Lessons.KeyPairs
        ),
        DerivedField.Flag(
            "detector.history.trailBucket",
            "Whether a trail was seen to write into the bucket that a request names, in whatever account, or CloudTrail to ask whether it may.",
            IsTrailBucket,
            Lessons.Trails | Lessons.TrailBuckets
        ),
        DerivedField.Flag(
            "detector.history.trailKey",
            "Whether a trail was seen to encrypt with the KMS key that a request names, in whatever account.",
            IsTrailKey,
            Lessons.Trails
        ),
        DerivedField.Flag(
            "detector.history.trailRedirected",
            "Whether an UpdateTrail request sends the trail into another bucket than the one it was seen to write into. Absent if that was not seen.",
            IsRedirected,
            Lessons.Trails
        ),
    ];

    private static PolicyAnswers? PolicyOf(EventContext e)
    {
        if (e.History is not { } history || e.Source != "iam.amazonaws.com" || e.Request.Text("policyArn") is not { } arn)
            return null;
        return KnownGrants.OfPolicy(history, arn, e.Name == "SetDefaultPolicyVersion" ? e.Request.Text("versionId") : null);
    }

    private static IEnumerable<string> Joined(EventContext e) =>
        e is { History: { } history, Time: { } time } && KnownGrants.Given(e) is ({ } identity, { } fact) && (PolicyFields.Of(e) ?? PolicyOf(e)) is { } given
            ? KnownGrants.Joined(history, identity, fact, given, time)
            : [];

    private static PolicyAnswers? BoundaryOf(EventContext e) =>
        e is { History: { } history, Source: "iam.amazonaws.com" } && e.Request.Text("permissionsBoundary") is { } arn
            ? KnownGrants.OfPolicy(history, arn, version: null)
            : null;

    private static PolicyAnswers? GroupOf(EventContext e) => Group(e) is { } group && e.History is { } history ? KnownGrants.Together(history, group) : null;

    /// <summary>What was seen of a group does not calm while there may be more: from before it was first seen, or in a policy that nobody saw written.</summary>
    private static bool? IsAdministrativeGroup(EventContext e) =>
        GroupOf(e) is not { } grants || Group(e) is not { } group ? null
        : grants.IsAdministrative ? true
        : e.History!.Find(group, Entity.Created) is { Value: not null } && KnownGrants.IsComplete(e.History, group) ? false
        : null;

    private static string? Group(EventContext e) =>
        e is { Source: "iam.amazonaws.com", Name: "AddUserToGroup" } && Caller.Account(e.Root) is { } account && e.Request.Text("groupName") is { } name
            ? Entity.Group(account, name)
            : null;

    private static PolicyAnswers? PermissionSetOf(EventContext e) =>
        e is { History: { } history, Source: "sso.amazonaws.com", Name: "CreateAccountAssignment" } && e.Request.Text("permissionSetArn") is { } arn
            ? KnownGrants.OfPermissionSet(history, arn, e.Request.Text("targetId"))
            : null;

    private static string? Key(EventContext e) => e.Request.Text("accessKeyId") ?? e.Identity.Text("accessKeyId");

    private static DateTimeOffset? Reported(EventContext e) =>
        Caller.User(e.Identity) is { } user && Caller.Account(e.Root) is { } account
            ? e.History?.Of(Entity.User(account, user), Entity.ReportedKey).Max(fact => (DateTimeOffset?)fact.Fact.Time)
            : null;

    private static DateTimeOffset? LastUse(EventContext e, string key) =>
        Newest(Before(e, Entity.AccessKey(key), "used"), Since(e.History?.Find(Entity.AccessKey(key), Entity.Created)));

    /// <summary>When something was last seen before the event, which is a sighting itself.</summary>
    private static DateTimeOffset? Before(EventContext e, string entity, string name) =>
        e.Time is { } time ? Since(e.History?.Before(time, entity, name)) : null;

    private static DateTimeOffset? Since(Fact? fact) => fact is { Value: not null } known ? known.Time : null;

    private static DateTimeOffset? Newest(DateTimeOffset? a, DateTimeOffset? b) =>
        a is null ? b
        : b is null || a > b ? a
        : b;

    private static long? DaysSince(EventContext e, DateTimeOffset? past) =>
        e.History is { Now: var now } && past is { } at && at <= now ? (long)(now - at).TotalDays : null;

    private static Fact? UserFact(EventContext e, string name) => UserEntity(e) is { } user ? e.History?.Find(user, name) : null;

    private static IEnumerable<(string Name, Fact Fact)>? OfUser(EventContext e, string prefix) =>
        UserEntity(e) is { } user ? e.History?.Of(user, prefix) : null;

    private static string? UserEntity(EventContext e) =>
        Targets.User(e) is { } user && Caller.Account(e.Root) is { } account ? Entity.User(account, user) : null;

    private static Fact? KeyPairFact(EventContext e, string name) => KeyPair(e) is { } pair ? e.History?.Find(pair, name) : null;

    /// <summary>The key pair that a request names.</summary>
    public static string? KeyPair(EventContext e) =>
        e.Source == "ec2.amazonaws.com"
        && Caller.Account(e.Root) is { } account
        && e.Root.Text("awsRegion") is { } region
        && (e.Request.Text("keyName") ?? KeyName(e.Response) ?? KeyName(e.Request)) is { } name
            ? Entity.KeyPair(account, region, name)
        : e.Request.Text("keyPairId") is { } id ? NamedBy(id, e)
        : null;

    /// <summary>The key pair of an id; for the request that deletes it, which may be judged again, the one that it was until then.</summary>
    private static string? NamedBy(string keyPairId, EventContext e)
    {
        var entity = Entity.KeyPairId(keyPairId);
        return e.History?.Find(entity, Entity.Named)?.Value ?? (e.Time is { } time ? e.History?.Before(time, entity, Entity.Named)?.Value : null);
    }

    /// <summary>The key pair of the instances that are asked for or launched. A launch template may name it: then only the answer tells it.</summary>
    private static string? KeyName(JsonElement launch) =>
        launch.Member("instancesSet").Member("items").Items().Select(instance => instance.Text("keyName")).FirstOrDefault(name => name is not null);

    private static bool? IsTrailBucket(EventContext e) =>
        e is { History: { } history } && e.Request.Text("bucketName") is { } bucket ? history.Find(Entity.Bucket(bucket), Entity.OfTrail) is not null : null;

    /// <summary>An organisation's trail has its key, as its bucket, in another account than itself.</summary>
    private static bool? IsTrailKey(EventContext e) =>
        e is { History: { } history } && e.Request.Text("keyId") is { } key
            ? history.Entities(Entity.Trails).Any(trail => history.Find(trail, "kmsKey") is { } known && Same(known.Value, key))
            : null;

    /// <summary>A KMS key is named by its id, its ARN, or an alias: an ARN ends with the id.</summary>
    private static bool Same(string? known, string asked) =>
        known is not null
        && (
            known.Equals(asked, StringComparison.OrdinalIgnoreCase)
            || known.EndsWith("/" + asked, StringComparison.OrdinalIgnoreCase)
            || asked.EndsWith("/" + known, StringComparison.OrdinalIgnoreCase)
        );

    private static bool? IsRedirected(EventContext e)
    {
        if (e is not { Source: "cloudtrail.amazonaws.com", Name: "UpdateTrail", History: { } history } || e.Request.Text("s3BucketName") is not { } bucket)
            return null;
        return e.Time is { } time && TrailName(e) is { } trail && history.Before(time, trail, "bucket") is { Value: { } before }
            ? !before.Equals(bucket, StringComparison.Ordinal)
            : null;
    }

    /// <summary>Requests name a trail by its name or by its ARN.</summary>
    public static string? TrailName(EventContext e) =>
        Caller.Account(e.Root) is { } account && e.Request.Text("name") is { } name ? Entity.Trail(account, name[(name.LastIndexOf('/') + 1)..]) : null;
}

using System.Text.Json;
using Detector.Core.Rules.Fields;

namespace Detector.Core.Detection.History;

/// <summary>What events teach: the other half of <see cref="HistoryFields"/>. Whatever a record lacks is simply not learned.</summary>
internal static class Learner
{
    /// <summary>The facts that an event tells.</summary>
    /// <param name="record">The record.</param>
    /// <param name="time">Its time.</param>
    /// <param name="lesson">What is to be learned from it.</param>
    /// <param name="history">What is known already.</param>
    public static IReadOnlyList<LearnedFact> From(JsonElement record, DateTimeOffset time, Lessons lesson, IHistory history)
    {
        var e = new EventContext(record, new Past(history, time));
        if (Caller.Account(e.Root) is not { } account)
            return [];
        if (lesson is Lessons.Identities && Renaming(e) is var (from, to))
            return [.. Renamed(from, to, e, account)];
        var facts = lesson switch
        {
            Lessons.Identities => OfIdentities(e, account),
            Lessons.KeyUse => OfUse(e, account),
            Lessons.SignIns => OfSignIn(e, account),
            Lessons.KeyPairs => OfKeyPairs(e),
            Lessons.Sessions => SessionFields.Begun(e),
            Lessons.PermissionSets => OfPermissionSets(e),
            Lessons.TrailBuckets => OfDeliveries(e),
            Lessons.SamlRoles => OfSaml(e),
            _ => OfTrails(e),
        };
        return [.. facts.Select(fact => new LearnedFact(fact.Entity, fact.Name, fact.Value, time))];
    }

    private static List<(string Entity, string Name, string? Value)> OfIdentities(EventContext e, string account)
    {
        var request = e.Request;
        string? user = Targets.User(e) ?? request.Text("userName"),
            arn = request.Text("policyArn");
        var identity =
            request.Text("roleName") is { } role ? Entity.Role(account, role)
            : e.Name?.Contains("Group", StringComparison.Ordinal) == true && request.Text("groupName") is { } named ? Entity.Group(account, named)
            : user is not null ? Entity.User(account, user)
            : null;
        switch (e.Name)
        {
            case "CreateUser" or "CreateGroup" or "CreateRole" when identity is not null:
                return [(identity, Entity.Created, "")];
            case "DeleteUser" or "DeleteGroup" or "DeleteRole" when identity is not null:
                return [Gone(identity)];
            case "AddUserToGroup" when user is not null && request.Text("groupName") is { } group:
                return [(Entity.User(account, user), KnownGrants.MemberOf(group), "")];
            case "RemoveUserFromGroup" when user is not null && request.Text("groupName") is { } group:
                return [(Entity.User(account, user), KnownGrants.MemberOf(group), null)];
            case "AttachUserPolicy" or "AttachGroupPolicy" or "AttachRolePolicy" when KnownGrants.Given(e) is var (holder, grant):
                return [(holder, grant, "")];
            case "DetachUserPolicy" or "DetachGroupPolicy" or "DetachRolePolicy" when identity is not null && arn is not null:
                return [(identity, $"policy:{arn}", null)];
            case "PutUserPolicy" or "PutGroupPolicy" or "PutRolePolicy" when KnownGrants.Given(e) is var (holder, grant):
                return [(holder, grant, Answers(request.Member("policyDocument"), e))];
            case "DeleteUserPolicy" or "DeleteGroupPolicy" or "DeleteRolePolicy" when identity is not null && request.Text("policyName") is { } name:
                return [(identity, $"inline:{name}", null)];
            case "CreateAccountAlias" when request.Text("accountAlias") is { } alias:
                return [(Entity.Account(account), Entity.Alias, alias)];
            case "DeleteAccountAlias":
                return [(Entity.Account(account), Entity.Alias, null)];
            case "CreatePolicy" when e.Response.Member("policy").Text("arn") is { } made:
                var first = e.Response.Member("policy").Text("defaultVersionId") ?? "v1";
                return [(Entity.Policy(made), "default", first), (Entity.Policy(made), $"version:{first}", Answers(request.Member("policyDocument"), e))];
            case "CreatePolicyVersion" when arn is not null && e.Response.Member("policyVersion").Text("versionId") is { } version:
                var learned = new List<(string, string, string?)> { (Entity.Policy(arn), $"version:{version}", Answers(request.Member("policyDocument"), e)) };
                if (request.Flag("setAsDefault") == true)
                    learned.Add((Entity.Policy(arn), "default", version));
                return learned;
            case "SetDefaultPolicyVersion" when arn is not null && request.Text("versionId") is { } version:
                return [(Entity.Policy(arn), "default", version)];
            case "DeletePolicyVersion" when arn is not null && request.Text("versionId") is { } version:
                return [(Entity.Policy(arn), $"version:{version}", null)];
            case "DeletePolicy" when arn is not null:
                return [Gone(Entity.Policy(arn))];
            case "CreateLoginProfile" when user is not null:
                return [(Entity.User(account, user), "password", "")];
            case "DeleteLoginProfile" when user is not null:
                return [(Entity.User(account, user), "password", null)];
            case "EnableMFADevice" when user is not null && request.Text("serialNumber") is { } serial:
                return [(Entity.User(account, user), $"mfa:{serial}", "")];
            case "DeactivateMFADevice" when user is not null && request.Text("serialNumber") is { } serial:
                return [(Entity.User(account, user), $"mfa:{serial}", null)];
            case "CreateAccessKey" when e.Response.Member("accessKey") is var key && key.Text("accessKeyId") is { } id:
                return Named(key.Text("userName") ?? user) is { } owner
                    ? [(Entity.AccessKey(id), Entity.Created, ""), (owner, $"key:{id}", key.Text("status") ?? "Active")]
                    : [(Entity.AccessKey(id), Entity.Created, "")];
            case "UpdateAccessKey" when user is not null && request.Text("accessKeyId") is { } id && request.Text("status") is { } status:
                return [(Entity.User(account, user), $"key:{id}", status)];
            case "DeleteAccessKey" when request.Text("accessKeyId") is { } id:
                return user is null ? [Gone(Entity.AccessKey(id))] : [Gone(Entity.AccessKey(id)), (Entity.User(account, user), $"key:{id}", null)];
            default:
                return [];
        }

        string? Named(string? name) => name is null ? null : Entity.User(account, name);
    }

    /// <summary>
    /// The old and the new name of a user or group. Null of a request that gives the name that it has, as tools send it with every change of a path.
    /// </summary>
    private static (string From, string To)? Renaming(EventContext e) =>
        e.Name switch
        {
            "UpdateUser" => (e.Request.Text("userName"), e.Request.Text("newUserName")),
            "UpdateGroup" => (e.Request.Text("groupName"), e.Request.Text("newGroupName")),
            _ => default,
        }
            is ({ } from, { } to)
        && !from.Equals(to, StringComparison.OrdinalIgnoreCase)
            ? (from, to)
            : null;

    /// <summary>What is known of a user or group is known of it by its new name, and the members of a group stay in it.</summary>
    private static IEnumerable<LearnedFact> Renamed(string from, string to, EventContext e, string account)
    {
        var (history, now, isGroup) = (e.History!, e.History!.Now, e.Name == "UpdateGroup");
        var (old, renamed) = isGroup ? (Entity.Group(account, from), Entity.Group(account, to)) : (Entity.User(account, from), Entity.User(account, to));
        var taken = history.Find(renamed, Entity.Gone)?.Time;
        foreach (var (name, fact) in history.Of(old, ""))
        {
            // It is no younger for its new name, nor was it seen since, unless another had that name in between, of whom nothing is so any more.
            var since = name is Entity.Created or "seen" && !(taken >= fact.Time) ? fact.Time : now;
            yield return new LearnedFact(renamed, name, fact.Value, since);
        }
        yield return new LearnedFact(old, Entity.Gone, "", now);
        var members = isGroup ? history.Entities(Entity.User(account, "")) : [];
        foreach (var member in members.Where(user => history.Find(user, KnownGrants.MemberOf(from)) is { Value: not null }))
        {
            yield return new LearnedFact(member, KnownGrants.MemberOf(from), null, now);
            yield return new LearnedFact(member, KnownGrants.MemberOf(to), "", now);
        }
    }

    /// <summary>Nothing that was known of it is so any more: another may take its name.</summary>
    private static (string Entity, string Name, string? Value) Gone(string entity) => (entity, Entity.Gone, "");

    private static string Answers(JsonElement document, EventContext e) =>
        KnownDocuments.AskForText(document, e.Time ?? DateTimeOffset.UnixEpoch, Targets.Holder(e));

    private static IEnumerable<(string Entity, string Name, string? Value)> OfUse(EventContext e, string account)
    {
        if (e.Identity.Text("accessKeyId") is { } key)
            yield return (Entity.AccessKey(key), "used", "");
        if (Caller.User(e.Identity) is { } user)
            yield return (Entity.User(e.Identity.Text("accountId") ?? account, user), "seen", "");
    }

    private static IEnumerable<(string Entity, string Name, string? Value)> OfSignIn(EventContext e, string account) =>
        Caller.User(e.Identity) is { } user ? [(Entity.User(e.Identity.Text("accountId") ?? account, user), "seen", "")] : [];

    private static IEnumerable<(string Entity, string Name, string? Value)> OfKeyPairs(EventContext e)
    {
        if (HistoryFields.KeyPair(e) is not { } pair)
            return [];
        return e.Name switch
        {
            // A new key pair of an old name has not been used yet.
            "CreateKeyPair" or "ImportKeyPair" => [(pair, Entity.Created, e.Response.Text("keyFingerprint") ?? ""), (pair, "launched", null), .. Id(e, pair)],
            "DeleteKeyPair" => [(pair, Entity.Created, null), (pair, "launched", null), .. Id(e, null)],
            _ => [(pair, "launched", "")],
        };

        static IEnumerable<(string, string, string?)> Id(EventContext e, string? pair) =>
            (e.Request.Text("keyPairId") ?? e.Response.Text("keyPairId")) is { } id ? [(Entity.KeyPairId(id), Entity.Named, pair)] : [];
    }

    private static IEnumerable<(string Entity, string Name, string? Value)> OfPermissionSets(EventContext e)
    {
        if (e.Request.Text("permissionSetArn") is not { } arn)
            return [];
        var set = Entity.PermissionSet(arn);
        return e.Name switch
        {
            "AttachManagedPolicyToPermissionSet" when e.Request.Text("managedPolicyArn") is { } policy => [(set, $"policy:{policy}", "")],
            "DetachManagedPolicyFromPermissionSet" when e.Request.Text("managedPolicyArn") is { } policy => [(set, $"policy:{policy}", null)],
            "AttachCustomerManagedPolicyReferenceToPermissionSet" when KnownGrants.Reference(e) is { } policy => [(set, policy, "")],
            "DetachCustomerManagedPolicyReferenceFromPermissionSet" when KnownGrants.Reference(e) is { } policy => [(set, policy, null)],
            "PutInlinePolicyToPermissionSet" => [(set, "inline:", Answers(e.Request.Member("inlinePolicy"), e))],
            "DeleteInlinePolicyFromPermissionSet" => [(set, "inline:", null)],
            "DeletePermissionSet" => [Gone(set)],
            _ => [],
        };
    }

    private static IEnumerable<(string Entity, string Name, string? Value)> OfTrails(EventContext e)
    {
        if (HistoryFields.TrailName(e) is not { } trail)
            yield break;
        // Of a trail that is deleted nothing is forgotten: its bucket holds what was recorded, and stays worth guarding.
        if (e.Request.Text("s3BucketName") is { } bucket)
        {
            yield return (trail, "bucket", bucket);
            yield return (Entity.Bucket(bucket), Entity.OfTrail, "");
        }
        if ((e.Response.Text("kmsKeyId") ?? e.Request.Text("kmsKeyId")) is { Length: > 0 } kmsKey)
            yield return (trail, "kmsKey", kmsKey);
    }

    private static IEnumerable<(string Entity, string Name, string? Value)> OfSaml(EventContext e) =>
        Entity.Role(e.Request.Text("roleArn")) is { } role ? [(role, Entity.OfSaml, "")] : [];

    private static IEnumerable<(string Entity, string Name, string? Value)> OfDeliveries(EventContext e) =>
        e.Request.Text("bucketName") is { } bucket ? [(Entity.Bucket(bucket), Entity.OfTrail, "")] : [];
}

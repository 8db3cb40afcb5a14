using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>What users, groups and roles were seen to be granted.</summary>
internal static class KnownGrants
{
    private const string Attached = "policy:";
    private const string Inline = "inline:";
    private const string Membership = "group:";
    private const string Referenced = "reference:";
    private const string DefaultVersion = "default";
    private const string Version = "version:";

    /// <summary>Whether a fact of an identity, by its name, is a grant.</summary>
    public static bool Is(string fact) => fact.StartsWith(Attached, StringComparison.Ordinal) || fact.StartsWith(Inline, StringComparison.Ordinal);

    /// <summary>Whether a fact, by its name, may change who is an administrator.</summary>
    public static bool Decides(string fact) =>
        Is(fact)
        || fact is DefaultVersion or Entity.Gone
        || fact.StartsWith(Version, StringComparison.Ordinal)
        || fact.StartsWith(Membership, StringComparison.Ordinal);

    /// <summary>The fact of a user that it is in a group.</summary>
    public static string MemberOf(string group) => Membership + group.ToLowerInvariant();

    /// <summary>Facts of an identity: <c>policy:ARN</c> for what is attached, <c>inline:NAME</c> with the answers of an inline policy.</summary>
    public static IEnumerable<PolicyAnswers> Of(Past history, string identity, string? except = null)
    {
        foreach (var (name, fact) in history.Of(identity, Attached).Concat(history.Of(identity, Inline)))
        {
            if (name != except && Grant(history, name, fact) is { } answers)
                yield return answers;
        }
    }

    /// <summary>The user, group or role that a request gives a policy, and the fact that this makes; null if it gives none.</summary>
    public static (string Identity, string Fact)? Given(EventContext e)
    {
        if (e.Source != "iam.amazonaws.com" || Caller.Account(e.Root) is not { } account)
            return null;
        var fact = e.Name switch
        {
            "AttachUserPolicy" or "AttachGroupPolicy" or "AttachRolePolicy" => e.Request.Text("policyArn") is { } arn ? Attached + arn : null,
            "PutUserPolicy" or "PutGroupPolicy" or "PutRolePolicy" => e.Request.Text("policyName") is { } name ? Inline + name : null,
            _ => null,
        };
        var identity =
            e.Request.Text("userName") is { } user ? Entity.User(account, user)
            : e.Request.Text("groupName") is { } group ? Entity.Group(account, group)
            : e.Request.Text("roleName") is { } role ? Entity.Role(account, role)
            : null;
        return fact is not null && identity is not null ? (identity, fact) : null;
    }

    /// <summary>
    /// The paths that a policy opens together with what its holder has besides, and neither alone; those left aside that were open before, as to a policy that is
    /// written again.
    /// </summary>
    /// <param name="history">What is known.</param>
    /// <param name="identity">Who gets the policy.</param>
    /// <param name="fact">The fact that this makes.</param>
    /// <param name="given">What the policy allows.</param>
    /// <param name="time">When.</param>
    public static IEnumerable<string> Joined(Past history, string identity, string fact, PolicyAnswers given, DateTimeOffset time)
    {
        if (given.Steps.Count == 0 || given.IsAdministrative)
            return [];
        var others = Of(history, identity, except: fact).Aggregate(new PolicyAnswers(), (all, grant) => all.With(grant));
        var before = history.Before(time, identity, fact) is { Value: not null } past && Grant(history, fact, past) is { } old ? others.With(old) : others;
        return PolicyFields.Open(others.With(given)).Except(PolicyFields.Open(before).Concat(PolicyFields.Open(given)), StringComparer.Ordinal);
    }

    /// <summary>All that an identity was seen to be granted; null if nothing of it was seen.</summary>
    public static PolicyAnswers? Together(Past history, string identity) =>
        history.Of(identity, "").Any() ? Of(history, identity).Aggregate(new PolicyAnswers(), (all, grant) => all.With(grant)) : null;

    /// <summary>
    /// All that a permission set was seen to grant to whom it is assigned in an account; null if nothing of it was seen. A customer's policy belongs to it by
    /// name only: each account has its own.
    /// </summary>
    /// <remarks>IAM Identity Center API Reference, AttachCustomerManagedPolicyReferenceToPermissionSet.</remarks>
    public static PolicyAnswers? OfPermissionSet(Past history, string permissionSetArn, string? account)
    {
        var set = Entity.PermissionSet(permissionSetArn);
        if (permissionSetArn.Split(':', 3) is not [_, var partition, _])
            return Together(history, set);
        return history
            .Of(set, Referenced)
            .Select(fact => OfPolicy(history, $"arn:{partition}:iam::{account}:policy{fact.Name[Referenced.Length..]}", version: null))
            .OfType<PolicyAnswers>()
            .Aggregate(Together(history, set), (all, grant) => all?.With(grant));
    }

    /// <summary>The fact of a permission set that the policy belongs to it which a request names: <c>reference:/PATH/NAME</c>; null if it names none.</summary>
    public static string? Reference(EventContext e) =>
        e.Request.Member("customerManagedPolicyReference") is var policy && policy.Text("name") is { } name
            ? $"{Referenced}{policy.Text("path") ?? "/"}{name}"
            : null;

    /// <summary>Whether it is known of every grant of an identity what it allows. What AWS manages is, though the rest of it is not listed here.</summary>
    public static bool IsComplete(Past history, string identity) =>
        history
            .Of(identity, Attached)
            .Select(fact => fact.Name[Attached.Length..])
            .All(arn => ManagedPolicies.IsManaged(arn) || OfPolicy(history, arn, version: null) is { IsReadable: true })
        && history.Of(identity, Inline).All(fact => Answers(fact.Fact.Value) is { IsReadable: true });

    /// <summary>What a managed policy was seen to allow, by its ARN; null if it is a customer's whose document was never seen.</summary>
    public static PolicyAnswers? OfPolicy(Past history, string arn, string? version)
    {
        if (ManagedPolicies.Answer(arn) is { } managed)
            return managed;
        return Answers(TextOfPolicy(history, arn, version));
    }

    /// <summary>How many users and roles of an account hold administration, users also by a group; a group without a known member counts as one.</summary>
    public static long Administrators(Past history, string account) => history.History.Administrators(account, history.Now) ?? Counted(history, account);

    /// <summary>The same, by going through all that is known of the account.</summary>
    public static long Counted(Past history, string account)
    {
        var groups = Entities("group").Where(group => IsAdministrator(history, group)).ToHashSet(StringComparer.Ordinal);
        var withoutMember = groups.ToHashSet(StringComparer.Ordinal);
        long users = 0;
        foreach (var user in Entities("user"))
        {
            var isOne = IsAdministrator(history, user);
            foreach (var group in HeldBy(history, user, account).Where(groups.Contains))
            {
                isOne = true;
                withoutMember.Remove(group);
            }
            users += isOne ? 1 : 0;
        }
        return users + Entities("role").LongCount(role => IsAdministrator(history, role)) + withoutMember.Count;

        IEnumerable<string> Entities(string kind) => history.Entities($"{kind} {account} ");
    }

    /// <summary>Whether a user, group or role holds administration itself.</summary>
    public static bool IsAdministrator(Past history, string identity)
    {
        foreach (var (name, fact) in history.Of(identity, ""))
        {
            if (IsAdministrativeGrant(history, name, fact))
                return true;
        }
        return false;
    }

    /// <summary>Whether the default version of a customer's policy, by its ARN, makes administrators.</summary>
    public static bool OfPolicyIsAdministrative(Past history, string arn) =>
        TextOfPolicy(history, arn, version: null) is { } text && PolicyAnswers.IsAdministrativeIn(text);

    /// <summary>The policies of customers that are attached to a user, group or role of an account, and the groups that a user is in.</summary>
    public static IEnumerable<string> HeldBy(Past history, string identity, string account) =>
        history
            .Of(identity, Attached)
            .Select(fact => fact.Name[Attached.Length..])
            .Where(arn => ManagedPolicies.Answer(arn) is null)
            .Select(Entity.Policy)
            .Concat(history.Of(identity, Membership).Select(fact => Entity.Group(account, fact.Name[Membership.Length..])));

    /// <summary>What a fact of an identity grants; null if it is of another kind, or not known.</summary>
    private static PolicyAnswers? Grant(Past history, string name, Fact fact) =>
        name.StartsWith(Attached, StringComparison.Ordinal) ? OfPolicy(history, name[Attached.Length..], version: null)
        : name.StartsWith(Inline, StringComparison.Ordinal) ? Answers(fact.Value)
        : null;

    private static bool IsAdministrativeGrant(Past history, string name, Fact fact)
    {
        if (name.StartsWith(Attached, StringComparison.Ordinal))
        {
            var arn = name[Attached.Length..];
            return ManagedPolicies.Answer(arn)?.IsAdministrative ?? OfPolicyIsAdministrative(history, arn);
        }
        return name.StartsWith(Inline, StringComparison.Ordinal) && fact.Value is { } text && PolicyAnswers.IsAdministrativeIn(text);
    }

    /// <summary>What a version of a customer's policy allows, or the default version, as history keeps it; null if its document was never seen.</summary>
    private static string? TextOfPolicy(Past history, string arn, string? version)
    {
        var policy = Entity.Policy(arn);
        return (version ?? history.Find(policy, DefaultVersion)?.Value) is { } wanted ? history.Find(policy, $"{Version}{wanted}")?.Value : null;
    }

    private static PolicyAnswers? Answers(string? json) => json is null ? null : KnownDocuments.AnswersOf(json);
}

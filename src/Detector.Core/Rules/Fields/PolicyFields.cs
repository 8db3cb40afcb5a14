using System.Text.Json;
using Detector.Core.Policies;

namespace Detector.Core.Rules.Fields;

/// <summary>What the policy allows that a request puts in force, by its document or by the ARN of one that AWS manages; and whom a role's trust policy lets in.</summary>
internal static class PolicyFields
{
    public static DerivedField[] All { get; } =
    [
        DerivedField.Flag(
            "detector.policy.administrative",
            "Whether the policy of the request, unconditionally, makes an administrator. Absent if the request has none, or it is a customer's and named by its ARN.",
            e => Of(e)?.IsAdministrative
        ),
        new(
            "detector.policy.escalation",
            "texts",
            "The ways to more privileges that the policy of the request opens by its actions alone, unconditionally, such as iam:AttachUserPolicy.",
            e => Of(e) is { } answers ? Open(answers) : []
        ),
        DerivedField.Flag(
            "detector.policy.unconditioned",
            "Whether the policy of the request makes an administrator or opens a way to more privileges, and asks for neither MFA, source nor organisation.",
            e => Of(e)?.WithoutCondition
        ),
        DerivedField.Text(
            "detector.policy.unreadable",
            "text",
            "Why the policy document of the request, trust policies included, cannot be read, or that CloudTrail left it out for its size.",
            Unreadable
        ),
        new(
            "detector.trust.outside",
            "texts",
            "Who is let into the role by its trust policy and is neither of this account nor a service of AWS.",
            e => Outside(e).Select(trusted => trusted.Principal.Text)
        ),
        DerivedField.Flag(
            "detector.trust.anyone",
            "Whether the role's trust policy lets in anybody in the world. Absent where the request has none.",
            e => TrustOf(e) is null ? null : Outside(e).Any(trusted => trusted.IsWorld)
        ),
        DerivedField.Flag(
            "detector.trust.externalId",
            "Whether the role's trust policy asks all accounts outside for an external id, or for their organisation. Absent if it lets none in. Of everybody an "
                + "external id asks nothing: it is no secret.",
            e => Accounts(e) is { Count: > 0 } accounts ? accounts.TrueForAll(IsAsked) : null
        ),
        DerivedField.Flag(
            "detector.trust.openSubject",
            "Whether the role's trust policy takes tokens of an OIDC provider from any of the provider's customers.",
            e => TrustOf(e)?.Principals.Any(trusted => trusted.Subject is OidcSubject.Missing or OidcSubject.Wide)
        ),
    ];

    /// <summary>The ways that are open to who has nothing else.</summary>
    public static IEnumerable<string> Open(PolicyAnswers answers) =>
        answers.Paths.Where(path => path is { IsDirect: true, IsConditioned: false }).Select(path => path.Name);

    /// <summary>What the policy of a request allows; null if it has none, or one that only history may know.</summary>
    public static PolicyAnswers? Of(EventContext e) =>
        e.Once(
            nameof(PolicyFields),
            () =>
                Document(e) is { ValueKind: not JsonValueKind.Undefined } document
                    ? KnownDocuments.Ask(document, e.Time ?? DateTimeOffset.UnixEpoch, Targets.Holder(e))
                : Arn(e) is { } arn ? ManagedPolicies.Answer(arn)
                : null
        );

    private static Trust? TrustOf(EventContext e) =>
        e.Once(
            nameof(Trust),
            () =>
                TrustDocument(e) is { ValueKind: not JsonValueKind.Undefined } document
                    ? Trust.Of(KnownDocuments.Read(document), e.Time ?? DateTimeOffset.UnixEpoch)
                    : null
        );

    /// <summary>Where each API has the document of what an identity may do.</summary>
    private static JsonElement Document(EventContext e) =>
        (e.Source, e.Name) switch
        {
            ("iam.amazonaws.com", "PutUserPolicy" or "PutGroupPolicy" or "PutRolePolicy" or "CreatePolicy" or "CreatePolicyVersion") => e.Request.Member(
                "policyDocument"
            ),
            ("sso.amazonaws.com", "PutInlinePolicyToPermissionSet") => e.Request.Member("inlinePolicy"),
            _ => default,
        };

    private static string? Arn(EventContext e) =>
        (e.Source, e.Name) switch
        {
            ("iam.amazonaws.com", "AttachUserPolicy" or "AttachGroupPolicy" or "AttachRolePolicy") => e.Request.Text("policyArn"),
            ("sso.amazonaws.com", "AttachManagedPolicyToPermissionSet") => e.Request.Text("managedPolicyArn"),
            _ => null,
        };

    private static JsonElement TrustDocument(EventContext e) =>
        (e.Source, e.Name) switch
        {
            ("iam.amazonaws.com", "CreateRole") => e.Request.Member("assumeRolePolicyDocument"),
            ("iam.amazonaws.com", "UpdateAssumeRolePolicy") => e.Request.Member("policyDocument"),
            _ => default,
        };

    private static string? Unreadable(EventContext e)
    {
        if (e.Source is not ("iam.amazonaws.com" or "sso.amazonaws.com"))
            return null;
        if (e.Request.Flag("omitted") == true)
            return "omitted";
        var document = Document(e) is { ValueKind: not JsonValueKind.Undefined } policy ? policy : TrustDocument(e);
        // null says no more than a document that is not there at all.
        return
            document.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)
            && KnownDocuments.Read(document).Fault is not PolicyFault.None and var fault
            ? fault.ToString()
            : null;
    }

    private static bool IsAsked(TrustedPrincipal trusted) =>
        trusted.RestrictsOrganization || (trusted.HasExternalId && trusted.Principal.Kind != PrincipalKind.Everyone);

    private static IEnumerable<TrustedPrincipal> Outside(EventContext e) => TrustOf(e)?.OutsideOf(Caller.Account(e.Root) ?? "") ?? [];

    /// <summary>Those outside who can give an external id: providers cannot.</summary>
    private static List<TrustedPrincipal> Accounts(EventContext e) =>
        [.. Outside(e).Where(trusted => trusted.Principal.Kind is not (PrincipalKind.OidcProvider or PrincipalKind.SamlProvider))];
}
